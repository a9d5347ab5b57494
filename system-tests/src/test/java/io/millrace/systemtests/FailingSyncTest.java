/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Faults D7 and D11: the disk of a running agent fails to sync, or is slow at it. */
@Tag("long")
final class FailingSyncTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration FAILING = Duration.ofSeconds(4);
  private static final int LINES_PER_BATCH = 20;

  @RegisterExtension final Scene scene = new Scene();

  // Promise 4: a failed sync never leads to a false acknowledgement, and service resumes without a
  // restart. What was refused meanwhile never arrives.
  @Test
  void nothingIsAcknowledgedWhileEverySyncFailsAndServiceResumesByItself() {
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory());
    keeper.openStore();
    keeper.start();
    Receipts receipts = new Receipts();
    int during;
    try (Senders senders = Senders.start(keeper.port(), "s", 4, LINES_PER_BATCH, 0, receipts)) {
      receipts.awaitMoreAcknowledged(20, LIMIT);
      try (Strace strace = Strace.inject(scene, keeper.agent(), Strace.SYNCS, "error=EIO")) {
        keeper.awaitChannelMetric("Unhealthy", 1, LIMIT);
        // Answers that were on their way when the first sync failed are before it.
        int before = receipts.awaitStandstill(LIMIT);
        // The clients wait for what is in doubt; one that comes now is refused.
        Senders.sendBatches(keeper.port(), "late", 5, LINES_PER_BATCH, 0, receipts);
        assertThat(keeper.agent().process().awaitExit(FAILING))
            .as("exit of the agent while syncs fail")
            .isEmpty();
        during = receipts.acknowledgedBatches() - before;
        assertThat(strace.calls()).contains("INJECTED");
      }
      assertThat(during).as("batches acknowledged while every sync failed").isZero();
      receipts.awaitMoreAcknowledged(20, LIMIT);
      assertThat(keeper.channelMetric("SegmentCondemnedCount")).isPositive();
      assertThat(keeper.channelMetric("Unhealthy")).isZero();
    }
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.agent().stop();

    assertThat(receipts.lineCount(Outcome.REFUSED)).as("refused lines").isPositive();
    receipts.check(keeper.store()).assertNothingTwice();
    assertThat(keeper.agent().log()).contains("JOURNAL_SEGMENT_CONDEMNED", "JOURNAL_LANE_FAILED");
  }

  // Group commit: however slow a sync is, it serves all who wait for one. Counted, not timed: with
  // every client waiting, a sync that is under way lets the others gather for the next.
  @Test
  void slowSyncIsSharedByTheClientsThatWaitForIt() {
    int clients = 16;
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory());
    keeper.openStore();
    keeper.start();
    Receipts receipts = new Receipts();
    try (Senders senders =
            Senders.start(keeper.port(), "s", clients, LINES_PER_BATCH, 0, receipts);
        Strace strace = Strace.inject(scene, keeper.agent(), Strace.SYNCS, "delay_enter=200000")) {
      receipts.awaitMoreAcknowledged(2 * clients, LIMIT);
      long syncs = keeper.channelMetric("SyncCount");
      int batches = receipts.acknowledgedBatches();
      receipts.awaitMoreAcknowledged(12 * clients, LIMIT);
      int acknowledged = receipts.acknowledgedBatches() - batches;
      syncs = keeper.channelMetric("SyncCount") - syncs;
      Scene.say("%d batches in %d slow syncs".formatted(acknowledged, syncs));
      assertThat((double) acknowledged / syncs)
          .as("batches a sync, with %d clients that wait for each answer", clients)
          .isGreaterThanOrEqualTo(clients * 0.25);
    }
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.agent().stop();
    receipts.check(keeper.store()).assertNothingTwice();
  }
}
