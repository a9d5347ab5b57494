/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.sim.SimDisk;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Frames that need a segment file of their own, on a disk that has space for small ones only. */
class LargeFrameTest {
  private static final int LARGE_BYTES = 200_000;

  private final SimDisk disk = new SimDisk(new Random(3));
  private final SimJournal sim =
      SimJournal.open(disk, SimJournal.options(1).build(), new Random(5), new long[] {0});

  private CompletableFuture<Void> append(int bytes) {
    return sim.journal.append(new byte[bytes], 0, bytes, 1);
  }

  private long stateChanges() {
    return sim.events.stream().filter(JournalEvent.LaneStateChanged.class::isInstance).count();
  }

  @Test
  void oneWithoutSpaceIsRefusedAloneAndTakenOnceThereIsSpace() {
    sim.settle();
    disk.capacityBytes(disk.usedBytes() + 100_000);
    for (int i = 0; i < 5; i++) {
      CompletableFuture<Void> large = append(LARGE_BYTES);
      CompletableFuture<Void> small = append(100);
      sim.settle();
      assertThat(large.handle((done, e) -> e).join()).isInstanceOf(StorageFullException.class);
      assertThat(small).isCompleted();
      sim.advance(Duration.ofMillis(700));
    }
    assertThat(stateChanges()).isZero();
    disk.capacityBytes(Long.MAX_VALUE);
    sim.advance(Duration.ofSeconds(3));
    CompletableFuture<Void> large = append(LARGE_BYTES);
    sim.settle();
    assertThat(large).isCompleted();
  }

  @Test
  void oneInDoubtWithoutSpaceKeepsTheLaneFullUntilThereIsSpace() {
    sim.settle();
    CompletableFuture<Void> large = append(LARGE_BYTES);
    sim.step(); // asks for a file
    assertThat(sim.tasks.runOne()).isTrue();
    disk.failOnce(disk.callCount(), SimDisk.Fault.IO_ERROR);
    // Deleting the file that failed does not give enough for the next.
    disk.capacityBytes(disk.usedBytes() - 100_000);
    sim.settle();
    assertThat(large).isNotDone();
    for (int i = 0; i < 5; i++) {
      sim.advance(Duration.ofSeconds(3));
      sim.settle();
      assertThat(sim.journal.isAccepting()).isFalse();
    }
    assertThat(large).isNotDone();
    assertThat(stateChanges()).isEqualTo(1);
    disk.capacityBytes(Long.MAX_VALUE);
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    assertThat(large).isCompleted();
    assertThat(append(100)).isNotCompletedExceptionally();
    assertThat(sim.journal.isAccepting()).isTrue();
  }
}
