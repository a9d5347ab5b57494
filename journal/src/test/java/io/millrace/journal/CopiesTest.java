/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Which copy is read, which is overwritten, and which is left alone. */
class CopiesTest extends TwoSimDisks {
  @Test
  void bothDirectoriesHoldEveryFileOfALane() throws Exception {
    open(2);
    append(10, 9_000);
    stop();
    List<String> names = new ArrayList<>(disks.list(LANE));
    assertThat(names).contains("copy.state", "lane.id").anyMatch(name -> name.endsWith(".seg"));
    assertThat(disks.list(COPY)).isEqualTo(names);
    names.remove("copy.state");
    for (String name : names) {
      assertThat(disks.diskOf(COPY).content(COPY.resolve(name)))
          .as(name)
          .isEqualTo(disks.diskOf(LANE).content(LANE.resolve(name)));
    }
  }

  @Test
  void eitherDiskMayBeEmptyAtTheStart() {
    for (int lost = 0; lost < 2; lost++) {
      open(2);
      append(10, 9_000);
      stop();
      disks.disk(lost).wipe();
      open(2);
      assertThat(all()).isEqualTo(everything());
      assertThat(events(JournalEvent.CopyLost.class)).hasSize(2);
      waitUntilInSync();
      assertThat(events(JournalEvent.CopyInSync.class)).hasSize(2);
      stop();
    }
    open(2);
    assertThat(all()).isEqualTo(everything());
  }

  @Test
  void eitherDiskMayBeAwayAtTheStartAndComesBackWhileRunning() {
    for (int away = 0; away < 2; away++) {
      open(2);
      append(4, 9_000);
      stop();
      disks.disk(away).gone(true);
      open(2);
      assertThat(sim.journal.statistics().lanes()).hasSize(2);
      append(4, 9_000);
      assertThat(all()).isEqualTo(everything());
      disks.disk(away).gone(false);
      waitUntilInSync();
      stop();
      // What came back is what the other one is.
      disks.disk(1 - away).wipe();
      open(2);
      assertThat(all()).isEqualTo(everything());
      waitUntilInSync();
      stop();
    }
  }

  @Test
  void aDiskThatIsEmptiedWhileRunningIsFilledAgain() {
    open(2);
    append(6, 9_000);
    disks.disk(0).wipe();
    append(1, 100);
    waitUntilEmptiedIsNoticed();
    append(3, 9_000);
    waitUntilInSync();
    disks.crash();
    disks.disk(1).wipe();
    open(2);
    assertThat(all()).isEqualTo(everything());
  }

  private void waitUntilEmptiedIsNoticed() {
    sim.advance(Duration.ofSeconds(3));
    sim.step();
    sim.tasks.runOne();
    sim.step();
    sim.tasks.runOne();
    assertThat(events(JournalEvent.CopyLost.class)).isNotEmpty();
  }

  @Test
  void catchingUpIsSaidAndCountedAndHoldsNoAppendUp() {
    open(2);
    append(12, 9_000);
    stop();
    disks.disk(1).wipe();
    sim = SimJournal.open(disks, SimJournal.options(2).copies(2).build(), new Random(3), clock);
    int steps = 0;
    long most = 0;
    while (!sim.isInSync()) {
      CompletableFuture<Void> future =
          sim.journal.append(ByteBuffer.allocate(8).putLong(appended++).array(), 0, 8, 1);
      sim.step();
      sim.tasks.runOne();
      sim.step();
      sim.tasks.runOne();
      if (!future.isDone()) {
        sim.settle();
      }
      assertThat(future).isCompleted();
      most = Math.max(most, sim.journal.statistics().total(LaneStatistics::bytesToCopy));
      assertThat(++steps).isLessThan(10_000);
    }
    assertThat(most).isGreaterThan(9_000);
    assertThat(sim.journal.statistics().total(LaneStatistics::bytesToCopy)).isZero();
    assertThat(events(JournalEvent.CopyCatchingUp.class))
        .anySatisfy(event -> assertThat(event.totalBytes()).isGreaterThan(100_000));
    disks.crash();
    disks.disk(0).wipe();
    open(2);
    assertThat(all()).isEqualTo(everything());
  }

  @Test
  void aCopyThatWasNotWrittenIsNeverTakenForCurrent() {
    open(2);
    append(4, 9_000);
    stop();
    open(1);
    append(4, 9_000);
    assertThat(all()).isEqualTo(everything());
    stop();
    open(2);
    assertThat(all()).isEqualTo(everything());
    assertThat(events(JournalEvent.CopyLost.class)).hasSize(2);
    assertThat(events(JournalEvent.CopyStale.class)).isEmpty();
    waitUntilInSync();
    stop();
    disks.disk(0).wipe();
    open(2);
    assertThat(all()).isEqualTo(everything());
  }

  @Test
  void aJournalOfOneCopyGetsASecondOne() {
    open(1);
    append(6, 9_000);
    stop();
    open(2);
    assertThat(all()).isEqualTo(everything());
    waitUntilInSync();
    stop();
    disks.disk(0).wipe();
    open(2);
    assertThat(all()).isEqualTo(everything());
  }

  @Test
  void whatAnOlderCopyLacksIsReportedAndTheNewerOneIsLeftAsItIsWhenItReturns() throws Exception {
    open(2);
    append(4, 9_000);
    disks.disk(0).gone(true);
    append(4, 9_000);
    List<Long> before = everything().subList(0, 4);
    stop();
    disks.disk(0).gone(false);
    disks.disk(1).gone(true);
    open(2);
    assertThat(events(JournalEvent.CopyStale.class)).hasSize(1);
    assertThat(all()).containsAll(before).isNotEqualTo(everything());
    append(1, 100);
    stop();

    disks.disk(1).gone(false);
    List<String> names = disks.list(COPY);
    open(2);
    sim.advance(Duration.ofSeconds(10));
    sim.settle();
    assertThat(events(JournalEvent.CopyDiverged.class)).hasSize(1);
    assertThat(sim.isInSync()).isFalse();
    assertThat(disks.list(COPY)).isEqualTo(names);
    assertThat(all()).contains(appended - 1);
    append(1, 100);
  }

  @Test
  void anEmptyDiskNeverWinsOverAnOlderCopy() {
    open(2);
    append(4, 9_000);
    disks.disk(0).gone(true);
    append(4, 9_000);
    stop();
    disks.disk(0).gone(false);
    disks.disk(1).wipe();
    open(2);
    assertThat(events(JournalEvent.CopyStale.class)).hasSize(1);
    assertThat(all()).containsAll(everything().subList(0, 4));
    waitUntilInSync();
  }

  @Test
  void whenBothFailTheLaneRefusesAndResumes() {
    open(2);
    append(2, 100);
    disks.disk(0).gone(true);
    disks.disk(1).gone(true);
    CompletableFuture<Void> inDoubt = sim.journal.append(new byte[8], 0, 8, 1);
    sim.settle();
    assertThat(inDoubt).isNotDone();
    assertThat(sim.isInSync()).isTrue();
    disks.disk(1).gone(false);
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    assertThat(inDoubt).isCompleted();
    disks.disk(0).gone(false);
    waitUntilInSync();
  }

  @Test
  void aFullDiskIsBackPressureAndCostsNoCopy() {
    open(2);
    append(1, 100);
    SimDisk full = disks.disk(1);
    full.capacityBytes(full.usedBytes() + 70_000);
    int accepted = 0;
    CompletableFuture<Void> last = null;
    for (int i = 0; i < 30; i++) {
      byte[] payload = ByteBuffer.allocate(9_000).putLong(appended).array();
      last = sim.journal.append(payload, 0, 9_000, 1);
      sim.settle();
      if (!last.isCompletedExceptionally()) {
        accepted++;
        appended++;
      }
    }
    assertThat(accepted).isBetween(4, 25);
    assertThat(last.handle((done, e) -> e).join()).isInstanceOf(StorageFullException.class);
    assertThat(sim.isInSync()).isTrue();
    for (Lease lease = sim.journal.poll(1, 1); lease != null; lease = sim.journal.poll(1, 1)) {
      lease.acknowledge();
      sim.settle();
    }
    assertThat(sim.journal.recordCount()).isZero();
    assertThat(sim.journal.isAccepting()).isTrue();
    assertThat(sim.isInSync()).isTrue();
  }

  /** Goal: acknowledging needs no space, whatever fails. Method: one disk full, the other gone. */
  @Test
  void aFullDiskDrainsThoughTheOtherOneIsLost() {
    open(2);
    append(6, 9_000);
    SimDisk full = disks.disk(0);
    full.capacityBytes(full.usedBytes());
    disks.disk(1).gone(true);
    for (Lease lease = sim.journal.poll(1, 1); lease != null; lease = sim.journal.poll(1, 1)) {
      lease.acknowledge();
      sim.settle();
    }
    assertThat(sim.journal.recordCount()).isZero();
    disks.crash();
    disks.disk(1).gone(true);
    open(2);
    assertThat(sim.journal.recordCount()).isZero();
  }

  @Test
  void aThirdDirectoryIsAddedAndCopiesOfOtherLanesAreNotOverwritten() throws Exception {
    open(2);
    append(8, 9_000);
    stop();
    Path left = SimJournal.lane(0).resolve("copy");
    List<String> names = disks.list(left);
    open(SimJournal.options(3).copies(2).build());
    assertThat(all()).isEqualTo(everything());
    assertThat(events(JournalEvent.CopyDiverged.class))
        .singleElement()
        .satisfies(event -> assertThat(event.directory()).isEqualTo(left.toString()));
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    assertThat(disks.list(left)).isEqualTo(names);
    assertThat(sim.journal.statistics().lanes().stream().map(LaneStatistics::copiesInSync))
        .containsExactlyInAnyOrder(2, 2, 1);
  }

  @Test
  void theCopyOfALaneIsNeverTakenForALane() {
    assertThatThrownBy(
            () ->
                JournalOptions.in(SimJournal.CHECKPOINTS, List.of(LANE, SimJournal.lane(1), COPY))
                    .copies(2)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("copy");
    assertThatThrownBy(() -> SimJournal.options(1).copies(2).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least 2");
    open(2);
    append(2, 100);
    stop();
    assertThatThrownBy(
            () -> open(JournalOptions.in(SimJournal.CHECKPOINTS, List.of(LANE, COPY)).build()))
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.code()).isEqualTo(JournalException.Code.FOREIGN_DIRECTORY));
  }
}
