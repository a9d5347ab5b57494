/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Channel;
import io.millrace.components.filechannel.ChannelDirectories;
import io.millrace.components.testing.ChannelContract;
import io.millrace.components.testing.ToyMetrics;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** What every channel keeps holds in every mode of this one. */
final class SpillableMemoryContractTest {
  /** Nothing fits into a memory of one byte. */
  private static final int NO_BYTES = 1;

  /** A size at which the contract does not look for the last event that fits. */
  private static final int LARGE = 100;

  @TempDir Path directory;

  private SpillableChannels channels(int transactionCapacity, Duration wait) {
    return SpillableChannels.in(new ChannelDirectories(directory))
        .transactions(transactionCapacity)
        .waiting(wait);
  }

  @Nested
  final class InMemoryOnly extends ChannelContract {
    @Override
    protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
        throws Exception {
      return channels(transactionCapacity, keepAlive)
          .capacities(capacity, 0)
          .start(new ToyMetrics());
    }
  }

  @Nested
  final class OnDiskOnly extends ChannelContract {
    @Override
    protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
        throws Exception {
      return channels(transactionCapacity, keepAlive)
          .capacities(0, capacity)
          .start(new ToyMetrics());
    }
  }

  /** Whatever comes is too large for the memory. */
  @Nested
  final class SpillingAll extends ChannelContract {
    @Override
    protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
        throws Exception {
      return channels(transactionCapacity, keepAlive)
          .capacities(1, capacity)
          .bytes(NO_BYTES, 0)
          .start(new ToyMetrics());
    }
  }

  /** A small memory that spills at once and takes events again when half of it is free. */
  @Nested
  final class InBothPlaces extends ChannelContract {
    @Override
    protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
        throws Exception {
      return capacity < LARGE
          ? new SpillingAll().open(capacity, transactionCapacity, keepAlive)
          : channels(transactionCapacity, Duration.ZERO)
              .capacities(40, 1_000_000)
              .start(new ToyMetrics());
    }
  }

  /** A memory that spills after a moment and stops as soon as it can. */
  @Nested
  final class InBothPlacesByTurns extends ChannelContract {
    @Override
    protected Channel open(int capacity, int transactionCapacity, Duration keepAlive)
        throws Exception {
      return capacity < LARGE
          ? new SpillingAll().open(capacity, transactionCapacity, keepAlive)
          : channels(transactionCapacity, Duration.ofMillis(1))
              .capacities(45, 1_000_000)
              .threshold(1)
              .start(new ToyMetrics());
    }
  }
}
