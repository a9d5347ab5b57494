/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import java.util.Optional;

/** Options that bound the bytes in memory. Immutable. */
public record ByteLimits(
    @Option(
            doc = "Share of byteCapacity, in percent, that is set aside for headers.",
            def = "20",
            min = 0,
            max = 100,
            fallsBack = true)
        int byteCapacityBufferPercentage,
    @Option(
            doc =
                "Most bytes in memory: bodies, each rounded up to steps of 100 (in spillablememory"
                    + " of avgEventSize), in the share that is not set aside, and bodies with"
                    + " headers in all of it. 0 for no limit; 80 % of the largest heap when not"
                    + " set.",
            bareUnit = BareUnit.BYTES,
            min = 0,
            fallsBack = true)
        Optional<DataSize> byteCapacity) {
  private static final double DEFAULT_HEAP_SHARE = 0.8;

  /** The room of a queue for so many events whose bodies count in slots of so many bytes. */
  public MemoryRoom room(long events, int slotBytes) {
    long bytes =
        byteCapacity
            .map(DataSize::bytes)
            .orElseGet(() -> (long) (Runtime.getRuntime().maxMemory() * DEFAULT_HEAP_SHARE));
    if (bytes == 0) {
      return new MemoryRoom(new Load(events, Long.MAX_VALUE, Long.MAX_VALUE), slotBytes);
    }
    long bodyBytes = (long) (bytes * (1 - byteCapacityBufferPercentage / 100.0));
    return new MemoryRoom(new Load(events, Math.max(1, bodyBytes / slotBytes), bytes), slotBytes);
  }
}
