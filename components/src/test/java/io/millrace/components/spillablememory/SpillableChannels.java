/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Channel;
import io.millrace.api.DataSize;
import io.millrace.components.filechannel.ChannelDirectories;
import io.millrace.components.filechannel.StorageOptions;
import io.millrace.components.memory.ByteLimits;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
import java.time.Duration;
import java.util.Optional;

/** Makes channels under test. Immutable. */
record SpillableChannels(
    int memoryCapacity,
    int overflowCapacity,
    Duration overflowTimeout,
    int deactivationThreshold,
    int transactionCapacity,
    ByteLimits byteLimits,
    StorageOptions storage) {
  private static final DataSize AVERAGE = DataSize.ofBytes(500);

  static SpillableChannels in(ChannelDirectories directories) {
    return new SpillableChannels(
        10,
        1000,
        Duration.ZERO,
        50,
        100,
        new ByteLimits(20, Optional.empty()),
        directories.storage());
  }

  SpillableChannels capacities(int memory, int overflow) {
    return new SpillableChannels(
        memory,
        overflow,
        overflowTimeout,
        deactivationThreshold,
        transactionCapacity,
        byteLimits,
        storage);
  }

  SpillableChannels waiting(Duration timeout) {
    return new SpillableChannels(
        memoryCapacity,
        overflowCapacity,
        timeout,
        deactivationThreshold,
        transactionCapacity,
        byteLimits,
        storage);
  }

  SpillableChannels threshold(int percent) {
    return new SpillableChannels(
        memoryCapacity,
        overflowCapacity,
        overflowTimeout,
        percent,
        transactionCapacity,
        byteLimits,
        storage);
  }

  SpillableChannels transactions(int events) {
    return new SpillableChannels(
        memoryCapacity,
        overflowCapacity,
        overflowTimeout,
        deactivationThreshold,
        events,
        byteLimits,
        storage);
  }

  SpillableChannels bytes(long bytes, int bufferPercentage) {
    return new SpillableChannels(
        memoryCapacity,
        overflowCapacity,
        overflowTimeout,
        deactivationThreshold,
        transactionCapacity,
        new ByteLimits(bufferPercentage, Optional.of(DataSize.ofBytes(bytes))),
        storage);
  }

  SpillableChannels storedAs(StorageOptions other) {
    return new SpillableChannels(
        memoryCapacity,
        overflowCapacity,
        overflowTimeout,
        deactivationThreshold,
        transactionCapacity,
        byteLimits,
        other);
  }

  SpillableMemoryOptions options() {
    return new SpillableMemoryOptions(
        memoryCapacity,
        overflowCapacity,
        overflowTimeout,
        deactivationThreshold,
        transactionCapacity,
        byteLimits,
        AVERAGE,
        Optional.empty(),
        Optional.empty(),
        storage);
  }

  Channel start(ToyMetrics metrics) throws Exception {
    Channel channel = options().build(new ToyChannelContext("c1", metrics));
    channel.start();
    return channel;
  }
}
