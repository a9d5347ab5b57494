/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import java.time.Duration;

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
            doc = "How long an append waits for room before it fails; a take never waits.",
            name = "keep-alive",
            def = "3",
            bareUnit = BareUnit.SECONDS,
            min = 0,
            fallsBack = true)
        Duration keepAlive,
    @OptionGroup ByteLimits byteLimits)
    implements ChannelOptions {
  /** Flume's measure of a body. */
  private static final int SLOT_BYTES = 100;

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
    return new MemoryChannel(
        context, byteLimits.room(capacity, SLOT_BYTES), transactionCapacity, keepAlive);
  }
}
