/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.disk.NioDisk;
import io.millrace.journal.format.SequenceRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProgressLogTest {
  private static final UUID ID = new UUID(1, 2);
  private static final long EVENTS = 1_000_000;

  @TempDir Path folder;

  private ProgressLog create(CrashingDisk disk) throws IOException {
    return ProgressLog.create(disk, folder, ID, EVENTS);
  }

  private ProgressLog reopen() throws IOException {
    return ProgressLog.open(new NioDisk(), folder).orElseThrow();
  }

  private static void acknowledge(ProgressLog log, SequenceSet model, long first, long end)
      throws IOException {
    model.add(first, end);
    log.acknowledge(first, end);
  }

  private static void assertSame(ProgressLog log, SequenceSet model) {
    assertThat(log.id()).isEqualTo(ID);
    assertThat(log.eventCount()).isEqualTo(EVENTS);
    assertThat(log.acknowledged().lowWater()).isEqualTo(model.lowWater());
    assertThat(log.acknowledged().ranges()).isEqualTo(model.ranges());
  }

  @Test
  void everyAcknowledgementIsKnownAfterAnyRestart() throws IOException {
    Random random = new Random(42);
    SequenceSet model = SequenceSet.below(0);
    ProgressLog log = create(CrashingDisk.unsynced());
    long bytes = Files.size(folder.resolve(ProgressLog.NAME));
    for (int i = 0; i < 20_000; i++) {
      // Mostly in order, with some gaps that are closed later.
      long first = Math.max(0, model.lowWater() + random.nextInt(20) - 5);
      acknowledge(log, model, first, first + 1 + random.nextInt(10));
      if (random.nextInt(3_000) == 0) {
        log.close();
        log = reopen();
        assertSame(log, model);
      }
    }
    log.close();
    assertSame(reopen(), model);
    // A full disk does not stop it.
    assertThat(Files.size(folder.resolve(ProgressLog.NAME))).isEqualTo(bytes);
  }

  // Around the moment at which a slot is full; the last write is torn in half.
  @Test
  void aCrashForgetsAtMostTheAcknowledgementThatItInterrupted() throws IOException {
    for (int changes = 2_040; changes < 2_062; changes++) {
      CrashingDisk disk = new CrashingDisk(changes);
      ProgressLog log = create(disk);
      SequenceSet before = SequenceSet.below(0);
      SequenceSet model = SequenceSet.below(0);
      for (long index = 0; !disk.isCrashed(); index++) {
        before.addAll(model.lowWater(), model.ranges());
        try {
          acknowledge(log, model, index * 2, index * 2 + (index % 3 == 0 ? 1 : 2));
        } catch (IOException e) {
          assertThat(disk.isCrashed()).isTrue();
        }
      }
      log.close();

      try (ProgressLog after = reopen()) {
        assertThat(after.acknowledged().ranges())
            .as("crash at change %d", changes)
            .isIn(before.ranges(), model.ranges());
      }
    }
  }

  @Test
  void aFailedWriteIsMadeGoodByTheNextOne() throws IOException {
    SequenceSet model = SequenceSet.below(0);
    CrashingDisk disk = CrashingDisk.unsynced();
    ProgressLog log = create(disk);
    acknowledge(log, model, 0, 3);
    disk.failNextWrite();
    try {
      acknowledge(log, model, 3, 5);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("no space");
    }
    acknowledge(log, model, 9, 10);
    log.close();

    assertSame(reopen(), model);
  }

  @Test
  void aFlippedBitNeverAcknowledgesMore() throws IOException {
    SequenceSet model = SequenceSet.below(0);
    ProgressLog log = create(CrashingDisk.unsynced());
    for (int i = 0; i < 40; i++) {
      acknowledge(log, model, i * 3, i * 3 + 2);
    }
    log.close();
    Path file = folder.resolve(ProgressLog.NAME);
    byte[] content = Files.readAllBytes(file);
    int slot = 4096 + 2048 * 32;
    for (int position = slot; position < slot + 42 * 32; position += 3) {
      byte[] flipped = content.clone();
      flipped[position] ^= (byte) (1 << position % 8);
      Files.write(file, flipped);
      Optional<ProgressLog> opened = ProgressLog.open(new NioDisk(), folder);
      if (opened.isEmpty()) {
        // Without the head of the only slot nothing is known.
        assertThat(position).isLessThan(slot + 32);
        continue;
      }
      try (ProgressLog after = opened.get()) {
        for (SequenceRange range : after.acknowledged().ranges()) {
          assertThat(model.missingCount(range.first(), range.end())).isZero();
        }
        assertThat(after.acknowledged().lowWater()).isLessThanOrEqualTo(model.lowWater());
      }
    }
  }

  @Test
  void theProgressOfAnotherQueueOrNoneIsNotUsed() throws IOException {
    assertThat(ProgressLog.open(new NioDisk(), folder)).isEmpty();
    create(CrashingDisk.unsynced()).close();
    Path file = folder.resolve(ProgressLog.NAME);
    byte[] content = Files.readAllBytes(file);
    content[20] ^= 1;
    Files.write(file, content);
    assertThat(ProgressLog.open(new NioDisk(), folder)).isEmpty();
  }
}
