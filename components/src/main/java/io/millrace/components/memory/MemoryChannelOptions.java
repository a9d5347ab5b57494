/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import java.time.Duration;
import java.util.Optional;

/** Options of the memory channel. Immutable. */
@Component(
    kind = ComponentKind.CHANNEL,
    name = "memory",
    flumeClasses = "org.apache.flume.channel.MemoryChannel",
    summary = "Keeps events in memory: fast, and gone with the process.")
public record MemoryChannelOptions(
    @Option(doc = "Most events in the channel.", def = "100", min = 1, fallsBack = true)
        int capacity,
    @Option(
            doc = "Most events in one append or one take; not above the capacity.",
            def = "100",
            min = 1,
            fallsBack = true)
        int transactionCapacity,
    @Option(
            doc = "How long an append waits for room before it fails.",
            name = "keep-alive",
            def = "3",
            bareUnit = BareUnit.SECONDS,
            min = 0,
            fallsBack = true)
        Duration keepAlive,
    @Option(
            doc = "Share of byteCapacity, in percent, that is set aside for headers.",
            def = "20",
            min = 0,
            max = 100,
            fallsBack = true)
        int byteCapacityBufferPercentage,
    @Option(
            doc =
                "Most bytes in the channel: bodies, in steps of 100, in the share that is not set"
                    + " aside, and bodies with headers in all of it. 0 for no limit; 80 % of the"
                    + " largest heap when not set.",
            bareUnit = BareUnit.BYTES,
            min = 0,
            fallsBack = true)
        Optional<DataSize> byteCapacity)
    implements ChannelOptions {
  private static final double DEFAULT_HEAP_SHARE = 0.8;

  public MemoryChannelOptions {
    if (transactionCapacity > capacity) {
      throw new ConfigurationException(
          "transactionCapacity",
          "transactionCapacity: "
              + transactionCapacity
              + " (expected: at most the capacity, "
              + capacity
              + "); raise capacity or lower transactionCapacity");
    }
  }

  @Override
  public Channel build(ChannelContext context) {
    return new MemoryChannel(context, this);
  }

  /** Most that the channel holds by each measure. */
  Load room() {
    long bytes =
        byteCapacity
            .map(DataSize::bytes)
            .orElseGet(() -> (long) (Runtime.getRuntime().maxMemory() * DEFAULT_HEAP_SHARE));
    if (bytes == 0) {
      return new Load(capacity, Long.MAX_VALUE, Long.MAX_VALUE);
    }
    long bodyBytes = (long) (bytes * (1 - byteCapacityBufferPercentage / 100.0));
    return new Load(capacity, Math.max(1, Load.slotsIn(bodyBytes)), bytes);
  }
}
