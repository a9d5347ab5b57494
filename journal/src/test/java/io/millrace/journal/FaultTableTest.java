/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** File call number N fails, for all N that a fixed piece of work makes. */
class FaultTableTest {
  private static final int FRAMES = 12;

  private final long[] clock = {0};

  /** Of the latest opening. */
  private SimNotes notes;

  /** Opens, appends, hands out, acknowledges and closes; returns the appends that were accepted. */
  private Set<Long> work(SimDisk disk, Set<Long> acknowledged, Set<Long> refused) {
    Set<Long> accepted = new HashSet<>();
    SimJournal sim;
    try {
      sim = open(disk);
    } catch (JournalException e) {
      return accepted;
    }
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      byte[] payload = new byte[i % 3 == 0 ? 12_000 : 100];
      ByteBuffer.wrap(payload).putLong(i);
      futures.add(sim.journal.append(payload, 0, payload.length, 1, SimNotes.noteOf(i, i)));
      sim.settle();
      sim.advance(Duration.ofSeconds(1));
      Lease lease = i % 2 == 0 ? sim.journal.poll(1, 1) : null;
      if (lease != null) {
        acknowledged.add(idOf(lease));
        lease.acknowledge();
      }
    }
    sim.settle();
    sim.journal.close();
    for (int i = 0; i < FRAMES; i++) {
      assertThat(futures.get(i)).as("append %d is answered", i).isDone();
      if (!futures.get(i).isCompletedExceptionally()) {
        accepted.add((long) i);
      } else if (!(futures.get(i).handle((done, e) -> e).join()
          instanceof AppendInDoubtException)) {
        refused.add((long) i);
      }
    }
    return accepted;
  }

  private SimJournal open(SimDisk disk) {
    notes = new SimNotes(0, new HashSet<>());
    return SimJournal.open(
        disk, SimJournal.options(1).noteDigest(notes).build(), new Random(5), clock);
  }

  private static long idOf(Lease lease) {
    Chunk chunk = lease.chunks().get(0);
    return ByteBuffer.wrap(chunk.array()).getLong(chunk.offset());
  }

  private Set<Long> drain(SimDisk disk) {
    SimJournal sim = open(disk);
    sim.settle();
    Set<Long> delivered = new HashSet<>();
    for (Lease lease = sim.journal.poll(1, 1); lease != null; lease = sim.journal.poll(1, 1)) {
      assertThat(delivered.add(idOf(lease))).isTrue();
    }
    SimInvariants.NoFalseAlarm.check(sim.events);
    return delivered;
  }

  private long callsOfWork() {
    SimDisk disk = new SimDisk(new Random(1));
    assertThat(work(disk, new HashSet<>(), new HashSet<>())).hasSize(FRAMES);
    return disk.callCount();
  }

  @ParameterizedTest
  @EnumSource(SimDisk.Fault.class)
  void oneFailedCallLosesNothingAndServiceResumes(SimDisk.Fault fault) {
    long calls = callsOfWork();
    assertThat(calls).isGreaterThan(40);
    for (long n = 0; n < calls; n++) {
      for (boolean isPowerLost : new boolean[] {false, true}) {
        SimDisk disk = new SimDisk(new Random(n));
        disk.failOnce(n, fault);
        check(disk, n, isPowerLost, true);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(SimDisk.Fault.class)
  void allCallsFailingFromOneOnLosesNothing(SimDisk.Fault fault) {
    long calls = callsOfWork();
    for (long n = 0; n < calls; n++) {
      for (boolean isPowerLost : new boolean[] {false, true}) {
        SimDisk disk = new SimDisk(new Random(n));
        disk.failFrom(n, fault);
        check(disk, n, isPowerLost, false);
      }
    }
  }

  private void check(SimDisk disk, long n, boolean isPowerLost, boolean resumes) {
    Set<Long> acknowledged = new HashSet<>();
    Set<Long> refused = new HashSet<>();
    Set<Long> accepted = work(disk, acknowledged, refused);
    if (resumes && !accepted.isEmpty()) {
      assertThat(accepted).as("call %d: the last append is accepted", n).contains(FRAMES - 1L);
    }
    if (isPowerLost) {
      disk.crash();
    } else {
      disk.kill();
    }
    Set<Long> delivered = drain(disk);
    Set<Long> owed = new HashSet<>(accepted);
    owed.removeAll(acknowledged);
    assertThat(delivered).as("call %d", n).containsAll(owed);
    assertThat(delivered).as("call %d", n).noneMatch(refused::contains);
    Set<Long> kept = new HashSet<>(delivered);
    kept.addAll(acknowledged);
    assertThat(notes.noted()).as("call %d", n).isEqualTo(kept);
  }

  @Test
  void aFullDiskRefusesDrainsAndResumesByItself() {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim = open(disk);
    sim.settle();
    disk.capacityBytes(disk.usedBytes() + 40_000);
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      futures.add(sim.journal.append(new byte[9_000], 0, 9_000, 1));
      sim.settle();
    }
    long accepted = futures.stream().filter(f -> !f.isCompletedExceptionally()).count();
    assertThat(accepted).isBetween(2L, 10L);
    assertThat(futures.get(19)).isCompletedExceptionally();
    assertThat(futures.get(19).handle((done, e) -> e).join())
        .isInstanceOf(StorageFullException.class);
    assertThat(sim.journal.statistics().lanes().get(0).state()).isEqualTo(LaneState.FULL);

    for (int i = 0; i < accepted; i++) {
      sim.journal.poll(1, 1).acknowledge();
      sim.settle();
    }
    assertThat(sim.journal.recordCount()).isZero();
    assertThat(sim.journal.isAccepting()).isTrue();
    CompletableFuture<Void> after = sim.journal.append(new byte[9_000], 0, 9_000, 1);
    sim.settle();
    assertThat(after).isCompleted();
  }

  @Test
  void aLaneThatFailsRefusesServesAndResumesWithoutARestart() {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim = SimJournal.open(disk, SimJournal.options(1).build(), new Random(5), clock);
    sim.settle();
    CompletableFuture<Void> before = sim.journal.append(new byte[100], 0, 100, 1);
    sim.settle();
    disk.failFrom(disk.callCount(), SimDisk.Fault.IO_ERROR);
    CompletableFuture<Void> inDoubt = sim.journal.append(new byte[100], 0, 100, 1);
    sim.settle();
    assertThat(before).isCompleted();
    assertThat(inDoubt).isNotDone();
    assertThat(sim.journal.isAccepting()).isFalse();
    CompletableFuture<Void> refused = sim.journal.append(new byte[100], 0, 100, 1);
    assertThat(refused.handle((done, e) -> e).join()).isInstanceOf(StorageFailedException.class);
    assertThat(sim.journal.poll(10, 1000).recordCount()).isEqualTo(1);
    disk.heal();
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    assertThat(inDoubt).isCompleted();
    assertThat(sim.journal.isAccepting()).isTrue();
    assertThat(sim.journal.poll(10, 1000).recordCount()).isEqualTo(1);
  }

  @Test
  void aDiskThatCantBeReadForAWhileCostsNoRecord() {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim =
        SimJournal.open(
            disk, SimJournal.options(1).tailCacheBytes(0).build(), new Random(5), clock);
    CompletableFuture<Void> future = sim.journal.append(new byte[100], 0, 100, 2);
    sim.settle();
    assertThat(future).isCompleted();
    disk.failReads();
    assertThat(sim.journal.poll(10, 1000)).isNull();
    disk.heal();
    assertThat(sim.journal.poll(10, 1000)).isNull();
    sim.advance(Duration.ofSeconds(3));
    assertThat(sim.journal.poll(10, 1000).recordCount()).isEqualTo(2);
    assertThat(sim.events).noneMatch(JournalEvent.RecordsLost.class::isInstance);
  }

  @Test
  void anAppendOverTheQueueBoundFailsFast() {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim =
        SimJournal.open(
            disk, SimJournal.options(1).maxQueuedBytes(1000).build(), new Random(5), clock);
    CompletableFuture<Void> first = sim.journal.append(new byte[5000], 0, 5000, 1);
    CompletableFuture<Void> second = sim.journal.append(new byte[10], 0, 10, 1);
    assertThat(second.handle((done, e) -> e).join()).isInstanceOf(QueueFullException.class);
    sim.settle();
    assertThat(first).isCompleted();
  }

  @Test
  void withASyncIntervalWhatAFailedSyncLeavesInDoubtIsWrittenAgain() {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim =
        SimJournal.open(
            disk,
            SimJournal.options(1).syncInterval(Duration.ofMillis(500)).build(),
            new Random(5),
            clock);
    sim.settle();
    for (int i = 0; i < 3; i++) {
      byte[] payload = ByteBuffer.allocate(8).putLong(i).array();
      CompletableFuture<Void> future = sim.journal.append(payload, 0, 8, 1);
      sim.settle();
      assertThat(future).isCompleted();
    }
    assertThat(sim.journal.statistics().lanes().get(0).syncCount()).isZero();
    disk.failOnce(disk.callCount(), SimDisk.Fault.IO_ERROR);
    sim.advance(Duration.ofMillis(600));
    sim.settle();
    sim.advance(Duration.ofMillis(600));
    sim.settle();
    assertThat(sim.journal.statistics().lanes().get(0).condemnedSegments()).isEqualTo(1);
    assertThat(sim.journal.statistics().lanes().get(0).inDoubtAppends()).isZero();
    disk.crash();
    assertThat(drain(disk)).containsExactlyInAnyOrder(0L, 1L, 2L);
  }
}
