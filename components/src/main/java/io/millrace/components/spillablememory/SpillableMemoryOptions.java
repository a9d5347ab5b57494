/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.BareUnit;
import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.components.filechannel.FileChannelOptions;
import io.millrace.components.filechannel.StorageOptions;
import io.millrace.components.memory.ByteLimits;
import io.millrace.components.memory.MemoryChannel;
import io.millrace.components.memory.MemoryRoom;
import java.time.Duration;
import java.util.Optional;

/** Options of the memory channel that overflows onto disk. Immutable. */
@Component(
    kind = ComponentKind.CHANNEL,
    name = "spillablememory",
    flumeClasses = "org.apache.flume.channel.SpillableMemoryChannel",
    summary =
        "Keeps events in memory, and on disk what finds no room there. A crash loses what is in"
            + " memory; an orderly stop does not.")
public record SpillableMemoryOptions(
    @Option(
            doc = "Most events in memory; 0 keeps all of them on disk.",
            def = "10000",
            min = 0,
            fallsBack = true)
        int memoryCapacity,
    @Option(
            doc = "Most events on disk; 0 keeps all of them in memory.",
            def = "100000000",
            min = 0,
            fallsBack = true)
        int overflowCapacity,
    @Option(
            doc =
                "How long an append waits for room in memory before it goes to disk, and for room"
                    + " on disk before it fails; a take never waits.",
            def = "3",
            bareUnit = BareUnit.SECONDS,
            min = 0,
            fallsBack = true)
        Duration overflowTimeout,
    @Option(
            doc =
                "Percent of the memory, by events and by bytes, that must be free again before"
                    + " appends stop going to disk.",
            def = "5",
            min = 0,
            max = 100,
            fallsBack = true)
        int overflowDeactivationThreshold,
    @Option(
            doc =
                "Most events in one append or one take; the larger of memoryCapacity"
                    + " and overflowCapacity at most.",
            def = "10000",
            min = 1,
            fallsBack = true)
        int transactionCapacity,
    @OptionGroup ByteLimits byteLimits,
    @Option(
            doc = "Steps in which the bytes of a body in memory are counted.",
            def = "500",
            bareUnit = BareUnit.BYTES,
            min = 1,
            max = 1 << 30,
            fallsBack = true)
        DataSize avgEventSize,
    @Option(
            doc = "Wait for room of the file channel.",
            name = "keep-alive",
            noEffect = "overflowTimeout says how long an append waits")
        Optional<String> keepAlive,
    @Option(
            doc = "Most events of the file channel.",
            noEffect = "memoryCapacity and overflowCapacity bound the channel")
        Optional<String> capacity,
    @OptionGroup StorageOptions storage)
    implements ChannelOptions {
  public SpillableMemoryOptions {
    if (memoryCapacity == 0 && overflowCapacity == 0) {
      throw new ConfigurationException(
          "memoryCapacity",
          "memoryCapacity and overflowCapacity are both 0 (expected: one of them above 0)");
    }
    // A larger append comes in several pieces.
    transactionCapacity = Math.min(transactionCapacity, Math.max(memoryCapacity, overflowCapacity));
  }

  @Override
  public Channel build(ChannelContext context) {
    if (overflowCapacity == 0) {
      return new MemoryChannel(context, memoryRoom(), transactionCapacity, overflowTimeout);
    }
    if (memoryCapacity == 0) {
      return onDisk(overflowCapacity, overflowTimeout).build(context);
    }
    // Appends find their room by overflowCapacity; each stop may bring memory's events on top.
    Channel overflow = onDisk(Integer.MAX_VALUE, Duration.ZERO).build(context);
    return new SpillableMemoryChannel(context, this, overflow);
  }

  private FileChannelOptions onDisk(int events, Duration wait) {
    return new FileChannelOptions(events, Math.min(events, transactionCapacity), wait, storage);
  }

  MemoryRoom memoryRoom() {
    return byteLimits.room(memoryCapacity, (int) avgEventSize.bytes());
  }

  long capacityInAll() {
    return (long) memoryCapacity + overflowCapacity;
  }
}
