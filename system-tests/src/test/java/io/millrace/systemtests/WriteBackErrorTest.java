/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.JournalFiles.SegmentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Fault D8: the kernel cannot write back what the channel wrote, tells a sync so once, and goes on
 * to show what is not on the disk for as long as it is in its cache.
 */
@Tag("long")
final class WriteBackErrorTest {
  private static final int BELOW_MIB = 56;
  private static final int DISK_MIB = 160;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BLOCK_BYTES = 4096;

  /** First and last block in the file, first block on the disk; a line of filefrag -v. */
  private static final Pattern EXTENT =
      Pattern.compile("(?m)^\\s*\\d+:\\s+(\\d+)\\.\\.\\s*(\\d+):\\s+(\\d+)\\.\\.");

  private static final Duration FAILING = Duration.ofSeconds(3);

  @RegisterExtension final Scene scene = new Scene();

  // The disk is a sparse file in a small tmpfs: blocks that it has not got yet cannot be written
  // once the tmpfs is full, as on an overcommitted thin volume.
  @Test
  void whatTheKernelCouldNotWriteBackIsNotAcknowledgedNorServedFromItsCache() throws IOException {
    try (Mount below = Mount.small(scene.directory("below"), BELOW_MIB);
        LoopDisk disk = LoopDisk.ext4(scene, below.directory().resolve("disk.img"), DISK_MIB)) {
      Keeper keeper = Keeper.of(scene, "keeper", disk.directory("state"));
      keeper.start();
      Receipts receipts = new Receipts();
      Path image = below.directory().resolve("disk.img");
      Senders.sendBatches(keeper.port(), "before", 100, 20, 500, receipts);
      takeBlocksBelow(keeper, disk, image);
      Path ballast = DiskFullTest.fill(below.directory().resolve("ballast"));
      try (Senders senders = Senders.start(keeper.port(), "s", 4, 20, 500, receipts)) {
        keeper.awaitChannelMetric("Unhealthy", 1, LIMIT);
        int before = receipts.awaitStandstill(LIMIT);
        assertThat(keeper.agent().process().awaitExit(FAILING)).isEmpty();
        assertThat(receipts.acknowledgedBatches() - before)
            .as("batches acknowledged while nothing could be written")
            .isZero();
        assertThat(keeper.channelMetric("SegmentCondemnedCount"))
            .as("segments whose sync failed")
            .isPositive();
        Files.delete(ballast);
        receipts.awaitMoreAcknowledged(40, LIMIT);
        keeper.agent().kill();
      }
      // From here on nobody sees what is not on the disk, unless it still is to be written back.
      Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1\n");
      keeper.openStore();
      keeper.start();
      receipts.awaitStored(keeper.store(), LIMIT);
      keeper.awaitEmpty();
      assertThat(keeper.channelMetric("EventLostCount")).isZero();
      keeper.agent().stop();
      receipts.check(keeper.store()).assertNothingTwice();
    }
  }

  /**
   * Takes the blocks that the segment in use has for what is still to be written: they hold zeros,
   * and are had again below only when something is written to them. Only whole writes may meet such
   * a block: one that is cut short by want of space below is reported as done by the loop driver.
   */
  private void takeBlocksBelow(Keeper keeper, LoopDisk disk, Path image) {
    String pid = Long.toString(keeper.agent().process().pid());
    // Else a block might go that is written just then.
    Tool.need(scene.directory(), "kill", "-STOP", pid);
    Tool.need(scene.directory(), "sync", "-f", disk.directory().toString());
    List<SegmentFile> segments = JournalFiles.segments(keeper.data());
    SegmentFile inUse = segments.get(segments.size() - 1);
    long firstBlock = (inUse.lastFrame().endPosition() + BLOCK_BYTES - 1) / BLOCK_BYTES;
    String extents =
        Tool.need(scene.directory(), "filefrag", "-v", "-b" + BLOCK_BYTES, "" + inUse.path());
    Matcher extent = EXTENT.matcher(extents);
    while (extent.find()) {
      long first = Math.max(firstBlock, Long.parseLong(extent.group(1)));
      long blocks = Long.parseLong(extent.group(2)) + 1 - first;
      if (blocks > 0) {
        long below = Long.parseLong(extent.group(3)) + first - Long.parseLong(extent.group(1));
        Tool.need(
            scene.directory(),
            "fallocate",
            "--punch-hole",
            "--offset",
            Long.toString(below * BLOCK_BYTES),
            "--length",
            Long.toString(blocks * BLOCK_BYTES),
            image.toString());
      }
    }
    Tool.need(scene.directory(), "kill", "-CONT", pid);
  }
}
