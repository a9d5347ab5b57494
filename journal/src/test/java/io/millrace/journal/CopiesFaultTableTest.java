/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.disk.DiskFullException;
import io.millrace.journal.sim.SimDisk;
import io.millrace.journal.sim.SimDisks;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * With two copies, call number N of one of the two disks fails, for all N that a fixed piece of
 * work makes there.
 */
class CopiesFaultTableTest {
  private static final int FRAMES = 12;

  private final long[] clock = {0};

  private static SimDisks disks(long seed) {
    return new SimDisks(
        new Random(seed), List.of(SimJournal.lane(0), SimJournal.lane(1), SimJournal.CHECKPOINTS));
  }

  private SimJournal open(SimDisks disks) {
    return SimJournal.open(disks, SimJournal.options(2).copies(2).build(), new Random(5), clock);
  }

  /** What a piece of work came to. */
  private record Work(Set<Long> accepted, Set<Long> refused, Set<Long> acknowledged) {}

  /** Opens, appends, hands out, acknowledges and waits a while; closes or not. */
  private Work work(SimDisks disks, boolean closes) {
    Work work = new Work(new HashSet<>(), new HashSet<>(), new HashSet<>());
    SimJournal sim;
    try {
      sim = open(disks);
    } catch (JournalException e) {
      // A full disk, before there is anything that could be lost.
      assertThat(e).hasRootCauseInstanceOf(DiskFullException.class);
      return work;
    }
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      byte[] payload = new byte[i % 3 == 0 ? 12_000 : 100];
      ByteBuffer.wrap(payload).putLong(i);
      futures.add(sim.journal.append(payload, 0, payload.length, 1));
      sim.settle();
      sim.advance(Duration.ofSeconds(1));
      Lease lease = i % 2 == 0 ? sim.journal.poll(1, 1) : null;
      if (lease != null) {
        work.acknowledged.add(idOf(lease));
        lease.acknowledge();
      }
    }
    sim.settle();
    for (int i = 0; i < 3; i++) {
      sim.advance(Duration.ofSeconds(3));
      sim.settle();
    }
    if (closes) {
      sim.journal.close();
    }
    for (int i = 0; i < FRAMES; i++) {
      assertThat(futures.get(i)).as("append %d is answered", i).isDone();
      (futures.get(i).isCompletedExceptionally() ? work.refused : work.accepted).add((long) i);
    }
    isInSync = sim.isInSync();
    SimInvariants.NoFalseAlarm.check(sim.events);
    return work;
  }

  private boolean isInSync;

  private static long idOf(Lease lease) {
    Chunk chunk = lease.chunks().get(0);
    return ByteBuffer.wrap(chunk.array()).getLong(chunk.offset());
  }

  private void checkDrain(SimDisks disks, Work work, String what) {
    SimJournal sim = open(disks);
    sim.settle();
    Set<Long> delivered = new HashSet<>();
    for (Lease lease = sim.journal.poll(1, 1); lease != null; lease = sim.journal.poll(1, 1)) {
      assertThat(delivered.add(idOf(lease))).isTrue();
    }
    SimInvariants.NoFalseAlarm.check(sim.events);
    Set<Long> owed = new HashSet<>(work.accepted);
    owed.removeAll(work.acknowledged);
    assertThat(delivered).as(what).containsAll(owed);
    assertThat(delivered).as(what).noneMatch(work.refused::contains);
  }

  private long callsOfWork(int disk) {
    SimDisks disks = disks(1);
    assertThat(work(disks, true).accepted).hasSize(FRAMES);
    return disks.disk(disk).callCount();
  }

  @ParameterizedTest
  @CsvSource({"IO_ERROR,0", "IO_ERROR,1", "NO_SPACE,0", "NO_SPACE,1", "PARTIAL,0", "PARTIAL,1"})
  void oneFailedCallIsNotNoticedOutsideAndEitherCopyMayBeLostAfterwards(
      SimDisk.Fault fault, int which) {
    long calls = callsOfWork(which);
    assertThat(calls).isGreaterThan(60);
    for (long n = 0; n < calls; n++) {
      for (int lost = 0; lost < 2; lost++) {
        String what = "call " + n + ", then disk " + lost + " lost";
        SimDisks disks = disks(n);
        disks.disk(which).failOnce(n, fault);
        Work work = work(disks, n % 2 == 0);
        if (fault == SimDisk.Fault.NO_SPACE && n > 30) {
          assertThat(work.accepted).as(what).contains(FRAMES - 1L);
        } else if (fault != SimDisk.Fault.NO_SPACE) {
          assertThat(work.accepted).as(what).hasSize(FRAMES);
        }
        if (n < calls - 10 && !work.accepted.isEmpty()) {
          assertThat(isInSync).as(what).isTrue();
        }
        disks.crash();
        if (isInSync) {
          disks.disk(lost).wipe();
        }
        checkDrain(disks, work, what);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"IO_ERROR,0", "IO_ERROR,1", "PARTIAL,0", "PARTIAL,1"})
  void aDiskThatFailsForGoodIsNotNoticedOutside(SimDisk.Fault fault, int which) {
    long calls = callsOfWork(which);
    for (long n = 0; n < calls; n++) {
      for (boolean isLost : new boolean[] {false, true}) {
        String what = "from call " + n + ", lost " + isLost;
        SimDisks disks = disks(n);
        disks.disk(which).failFrom(n, fault);
        Work work = work(disks, n % 2 == 0);
        assertThat(work.accepted).as(what).hasSize(FRAMES);
        disks.crash();
        if (isLost) {
          disks.disk(which).wipe();
        }
        checkDrain(disks, work, what);
      }
    }
  }
}
