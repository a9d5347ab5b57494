/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import io.millrace.systemtests.JournalFiles.SegmentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Fault D6: a segment or a whole data directory is gone, or goes under the agent. The rest is
 * delivered, what is missing is counted, and what comes back is used without a restart.
 */
@Tag("long")
final class LostStorageTest {
  private static final int DISK_MIB = 128;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  private final Receipts receipts = new Receipts();

  private void send(Keeper keeper, String stream, int batches) {
    Senders.sendBatches(keeper.port(), stream, batches, 10, 3_000, receipts);
  }

  private Keeper keeper(List<Path> data) {
    return Keeper.of(
        scene,
        "keeper",
        scene.directory().resolve("checkpoint"),
        data,
        scene.directory().resolve("store"));
  }

  /** Waits for checkpoints of all that was sent so far. */
  private void awaitCheckpoints(Keeper keeper) {
    keeper.awaitCheckpoints(receipts.lineCount(Outcome.ACKNOWLEDGED));
  }

  @Test
  void aSegmentThatIsGoneCostsWhatItHeldAndThatIsCounted() throws IOException {
    Path data = scene.directory().resolve("data");
    Keeper keeper = keeper(List.of(data));
    keeper.start();
    send(keeper, "s", 120);
    keeper.agent().kill();
    SegmentFile gone = JournalFiles.segments(data).get(1);
    Set<String> lost = JournalFiles.lines(data, gone);
    Files.delete(gone.path());

    keeper.start();
    send(keeper, "afterwards", 10);
    keeper.openStore();
    receipts.awaitStored(keeper.store(), lost, LIMIT);
    keeper.awaitEmpty();
    assertThat(lost).hasSize(gone.recordCount());
    assertThat(keeper.channelMetric("EventLostCount")).isEqualTo(gone.recordCount());
    assertThat(keeper.agent().log()).contains("JOURNAL_SEGMENT_MISSING");
    keeper.agent().stop();
    receipts.check(keeper.store(), lost).assertNothingTwice();
  }

  @Test
  void aDataDirectoryThatIsGoneCostsWhatItHeldAndThatIsCountedUntilItIsBack() throws IOException {
    Path one = scene.directory().resolve("data1");
    Path two = scene.directory().resolve("data2");
    Keeper keeper = keeper(List.of(one, two));
    keeper.start();
    try (Senders senders = Senders.start(keeper.port(), "s", 4, 10, 1_000, receipts)) {
      receipts.awaitMoreAcknowledged(200, LIMIT);
    }
    awaitCheckpoints(keeper);
    keeper.agent().kill();
    Set<String> missing = JournalFiles.lines(two);
    assertThat(missing).as("lines in the second directory").isNotEmpty();
    Path away = scene.directory().resolve("away");
    Files.move(two, away);

    keeper.start();
    assertThat(keeper.channelMetric("EventMissingCount")).isEqualTo(missing.size());
    assertThat(keeper.agent().log()).contains("JOURNAL_LANE_ABSENT");
    send(keeper, "afterwards", 20);
    keeper.openStore();
    receipts.awaitStored(keeper.store(), missing, LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store(), missing).assertNothingTwice();

    // What was missing is delivered when it is back, and nothing is counted twice.
    JournalFiles.deleteTree(two);
    Files.move(away, two);
    keeper.start();
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store()).assertNothingTwice();
  }

  // A file stands where the directory should be, as after a failed mount.
  @Test
  void aDirectoryThatCannotBeUsedAtTheStartIsDoneWithoutAndUsedOnceItIsBack() throws IOException {
    Path one = scene.directory().resolve("data1");
    Path two = scene.directory().resolve("data2");
    Keeper keeper = keeper(List.of(one, two));
    keeper.start();
    try (Senders senders = Senders.start(keeper.port(), "s", 4, 10, 1_000, receipts)) {
      receipts.awaitMoreAcknowledged(200, LIMIT);
    }
    awaitCheckpoints(keeper);
    keeper.agent().kill();
    Set<String> missing = JournalFiles.lines(two);
    Path away = scene.directory().resolve("away");
    Files.move(two, away);
    Files.writeString(two, "no directory");

    keeper.openStore();
    keeper.start();
    assertThat(keeper.channelMetric("DirectoriesUnusable")).isEqualTo(1);
    assertThat(keeper.channelMetric("EventMissingCount")).isEqualTo(missing.size());
    send(keeper, "meanwhile", 20);
    receipts.awaitStored(keeper.store(), missing, LIMIT);

    Files.delete(two);
    Files.move(away, two);
    keeper.awaitChannelMetric("LanesServing", 2, LIMIT);
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("DirectoriesUnusable")).isZero();
    assertThat(keeper.channelMetric("EventMissingCount")).isZero();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store()).assertNothingTwice();
  }

  // One of two disks is unmounted under the agent. What was written to open files of it is not
  // seen by the next start unless the disk is back, and new files would land below the mount point.
  @Test
  void aDiskUnmountedUnderTheAgentIsLeftToTheOthersAndUsedOnceItIsBack() {
    try (LoopDisk disk = LoopDisk.ext4(scene, scene.directory().resolve("disk.img"), DISK_MIB)) {
      Path one = scene.directory().resolve("data1");
      Path two = disk.directory("data2");
      Keeper keeper = keeper(List.of(one, two));
      keeper.start();
      try (Senders senders = Senders.start(keeper.port(), "s", 4, 10, 1_000, receipts)) {
        receipts.awaitMoreAcknowledged(100, LIMIT);
        disk.unmountUnderItsUsers();
        Conditions.await(
            "one lane is left", LIMIT, () -> keeper.channelMetric("LanesServing") == 1);
        receipts.awaitMoreAcknowledged(100, LIMIT);
        assertThat(keeper.agent().log()).contains("was it unmounted", "JOURNAL_LANE_FAILED");
        assertThat(disk.directory().resolve("data2")).as("below the mount point").doesNotExist();
        disk.mountAgain();
        keeper.awaitChannelMetric("LanesServing", 2, LIMIT);
        receipts.awaitMoreAcknowledged(100, LIMIT);
      }
      keeper.agent().kill();
      keeper.openStore();
      keeper.start();
      receipts.awaitStored(keeper.store(), LIMIT);
      keeper.awaitEmpty();
      assertThat(keeper.channelMetric("EventLostCount")).isZero();
      keeper.agent().stop();
      receipts.check(keeper.store()).assertNothingTwice();
    }
  }

  // The kernel makes the only disk read-only under the agent; it is repaired and mounted again.
  @Test
  void aDiskThatTurnsReadOnlyRefusesAndResumesOnceItIsMountedAgain() {
    try (LoopDisk disk = LoopDisk.ext4(scene, scene.directory().resolve("disk.img"), DISK_MIB)) {
      Keeper keeper = keeper(List.of(disk.directory("data")));
      keeper.start();
      try (Senders senders = Senders.start(keeper.port(), "s", 4, 10, 1_000, receipts)) {
        receipts.awaitMoreAcknowledged(100, LIMIT);
        disk.breakDown();
        keeper.awaitChannelMetric("Unhealthy", 1, LIMIT);
        int before = receipts.awaitStandstill(LIMIT);
        Senders.sendBatches(keeper.port(), "late", 5, 10, 0, receipts);
        assertThat(receipts.acknowledgedBatches() - before)
            .as("batches acknowledged on a read-only disk")
            .isZero();
        disk.unmountUnderItsUsers();
        disk.mount();
        receipts.awaitMoreAcknowledged(100, LIMIT);
      }
      assertThat(receipts.lineCount(Outcome.REFUSED)).isPositive();
      // Without a restart all is there, from before and after.
      keeper.openStore();
      receipts.awaitStored(keeper.store(), LIMIT);
      keeper.awaitEmpty();
      assertThat(keeper.channelMetric("EventLostCount")).isZero();
      keeper.agent().stop();
      receipts.check(keeper.store()).assertNothingTwice();
    }
  }

  // The only directory is deleted under the agent. What it held is gone; nothing more is
  // acknowledged into files that nobody will find.
  @Test
  void aDirectoryDeletedUnderTheAgentTakesNothingMore() throws IOException {
    Path data = scene.directory().resolve("data");
    Keeper keeper = keeper(List.of(data));
    keeper.start();
    send(keeper, "s", 20);
    awaitCheckpoints(keeper);
    JournalFiles.deleteTree(data);
    keeper.awaitChannelMetric("Unhealthy", 1, LIMIT);
    Receipts late = new Receipts();
    Senders.sendBatches(keeper.port(), "late", 5, 10, 0, late);
    assertThat(late.acknowledgedBatches()).isZero();
    keeper.agent().kill();

    keeper.openStore();
    keeper.start();
    send(keeper, "afterwards", 20);
    Conditions.await(
        "what came afterwards is stored",
        LIMIT,
        () -> Store.of(keeper.store()).distinctLineCount() == 200);
    keeper.agent().stop();
    Audit.of(late.lines(Outcome.REFUSED), Store.of(keeper.store()));
    assertThat(Store.of(keeper.store()).lines().keySet())
        .doesNotContainAnyElementsOf(late.lines(Outcome.REFUSED));
  }
}
