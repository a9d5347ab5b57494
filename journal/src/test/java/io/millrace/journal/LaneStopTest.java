/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static io.millrace.journal.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.sim.SimDisk;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A defect of ours, or want of memory, ends a lane: everything is answered and it is told. */
@Timeout(300)
class LaneStopTest {
  private final SimDisk disk = new SimDisk(new Random(3));

  private static Throwable failureOf(CompletableFuture<Void> future) {
    return future.orTimeout(10, TimeUnit.SECONDS).handle((done, e) -> e).join();
  }

  @Test
  void anErrorInTheOwnerThreadStopsTheLaneAndAnswersEverything() throws Exception {
    ConcurrentLinkedQueue<JournalEvent> events = new ConcurrentLinkedQueue<>();
    JournalOptions options =
        SimJournal.options(1).segmentBytes(1 << 20).checkpointInterval(Duration.ofHours(1)).build();
    try (Journal journal = Journal.open(options, disk, events::add)) {
      journal.append(new byte[100], 0, 100, 1).get(60, TimeUnit.SECONDS);
      // From then on nothing is called but for the next append: a write and a sync.
      await().until(() -> journal.statistics().lanes().get(0).spareSegmentCount() == 1);
      Error error = new OutOfMemoryError("Java heap space");
      disk.throwOnce(disk.callCount() + 1, error);
      assertThat(failureOf(journal.append(new byte[100], 0, 100, 1)))
          .isInstanceOf(AppendInDoubtException.class)
          .hasCause(error);
      await().until(() -> events.stream().anyMatch(LaneStopTest::isStop));
      assertThat(failureOf(journal.append(new byte[100], 0, 100, 1)))
          .isInstanceOfSatisfying(
              JournalException.class,
              e -> assertThat(e.code()).isEqualTo(JournalException.Code.LANE_STOPPED));
      assertThat(journal.isAccepting()).isFalse();
    }
  }

  private static boolean isStop(JournalEvent event) {
    return event instanceof JournalEvent.LaneStateChanged changed
        && changed.state() == LaneState.STOPPED
        && changed.cause() instanceof OutOfMemoryError;
  }

  @Test
  void whatIsInDoubtWhenTheLaneStopsIsAnswered() {
    SimJournal sim =
        SimJournal.open(disk, SimJournal.options(1).build(), new Random(5), new long[] {0});
    sim.settle();
    disk.failFrom(disk.callCount(), SimDisk.Fault.IO_ERROR);
    CompletableFuture<Void> inDoubt = sim.journal.append(new byte[100], 0, 100, 1);
    sim.settle();
    assertThat(inDoubt).isNotDone();
    sim.journal.lanes().get(0).stop(new IllegalStateException("a defect"));
    assertThat(failureOf(inDoubt)).isInstanceOf(AppendInDoubtException.class);
    assertThat(sim.journal.statistics().lanes().get(0).inDoubtAppends()).isZero();
  }
}
