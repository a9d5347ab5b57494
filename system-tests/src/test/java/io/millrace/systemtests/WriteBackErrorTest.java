/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
      takeBlocksOfPreparedSegments(keeper, disk, image);
      Path ballast = DiskFullTest.fill(below.directory().resolve("ballast"));
      try (WatchedProcess dbg = WatchedProcess.start("dbg", java.util.List.of("strace","-f","-y","-tt","-s","4","-p",""+keeper.agent().process().pid(),"-e","trace=pwrite64,fdatasync,fsync,rename,unlink,openat,ftruncate","-o",scene.directory()+"/dbg.trace"), scene.directory(), java.util.Map.of(), scene.directory().resolve("dbg.log"));
          Senders senders = Senders.start(keeper.port(), "s", 4, 20, 500, receipts)) {
        keeper.awaitChannelMetric("Unhealthy", 1, LIMIT);
        int before = receipts.acknowledgedBatches();
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

  /** They are full of zeros: below, they need no blocks until something is written to them. */
  private void takeBlocksOfPreparedSegments(Keeper keeper, LoopDisk disk, Path image) {
    String pid = Long.toString(keeper.agent().process().pid());
    // Else a block might go that is written just then.
    Tool.need(scene.directory(), "kill", "-STOP", pid);
    Tool.need(scene.directory(), "sync", "-f", disk.directory().toString());
    Tool.need(
        scene.directory(),
        "fallocate",
        "--dig-holes",
        "--offset",
        Integer.toString(LoopDisk.METADATA_MIB << 20),
        "--length",
        Integer.toString(DISK_MIB - LoopDisk.METADATA_MIB << 20),
        image.toString());
    Tool.need(scene.directory(), "kill", "-CONT", pid);
  }
}
