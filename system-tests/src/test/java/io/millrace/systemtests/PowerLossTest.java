/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Faults D9 and D10: the power of a disk is cut under load, again and again. The disk is an ext4 of
 * its own that is shut down without a flush: what had not been synced is not there afterwards.
 */
@Tag("long")
final class PowerLossTest {
  private static final int POWER_CUTS = 5;
  private static final int DISK_MIB = 256;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  // Promise 1: acknowledged means synced. The store is on another disk, and is not there for the
  // first cuts, so that the channel holds a backlog that the power cuts go through.
  @Test
  void whatWasAcknowledgedOutlivesPowerCutsOfTheChannelsDisk() {
    Path store = scene.directory().resolve("store");
    try (LoopDisk disk = newDisk()) {
      Keeper keeper = keeper(disk, store);
      Receipts receipts = new Receipts();
      for (int cut = 1; cut <= POWER_CUTS; cut++) {
        if (cut > POWER_CUTS / 2) {
          keeper.openStore();
        }
        cutPowerUnderLoad(disk, keeper, cut, receipts);
      }
      checkAll(keeper, receipts);
    }
  }

  // Promise 6: durable to the end. Channel and store are on the disk that loses its power.
  @Test
  void whatWasStoredOutlivesPowerCutsOfTheStoresDisk() {
    try (LoopDisk disk = newDisk()) {
      Keeper keeper = keeper(disk, disk.directory().resolve("store"));
      Receipts receipts = new Receipts();
      for (int cut = 1; cut <= POWER_CUTS; cut++) {
        keeper.openStore();
        cutPowerUnderLoad(disk, keeper, cut, receipts);
      }
      checkAll(keeper, receipts);
    }
  }

  private LoopDisk newDisk() {
    return LoopDisk.ext4(scene, scene.directory().resolve("disk.img"), DISK_MIB);
  }

  private Keeper keeper(LoopDisk disk, Path store) {
    Path state = disk.directory();
    return Keeper.of(
        scene, "keeper", state.resolve("checkpoint"), List.of(state.resolve("data")), store);
  }

  private void cutPowerUnderLoad(LoopDisk disk, Keeper keeper, int cut, Receipts receipts) {
    Random random = new Random(scene.random().nextLong() + cut);
    keeper.start();
    try (Senders senders = Senders.start(keeper.port(), "cut" + cut + "-", 4, 20, 0, receipts)) {
      receipts.awaitMoreAcknowledged(50 + random.nextInt(150), LIMIT);
      disk.cutPower();
      // Answers to what was synced before may be on their way yet; then there must be no more.
      int before = receipts.awaitStandstill(LIMIT);
      assertThat(keeper.agent().process().awaitExit(Duration.ofMillis(700))).isEmpty();
      assertThat(receipts.acknowledgedBatches() - before)
          .as("batches acknowledged after power cut %d", cut)
          .isZero();
      keeper.agent().kill();
    }
    disk.unmount();
    disk.mount();
  }

  private void checkAll(Keeper keeper, Receipts receipts) {
    keeper.start();
    Senders.sendBatches(keeper.port(), "afterwards", 10, 20, 0, receipts);
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store());
  }
}
