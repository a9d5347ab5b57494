/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.sim.SimDisk;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one copy of a lane lost or garbles is taken from the other one, and mended. */
class CopyRepairTest extends TwoSimDisks {
  @Test
  void aBlockThatOneCopyCantReadIsReadFromTheOtherOne() {
    open(2);
    append(4, 9_000);
    disks.disk(0).failReads();
    assertThat(all()).isEqualTo(everything());
    assertThat(sim.events).noneMatch(JournalEvent.RecordsLost.class::isInstance);
  }

  @Test
  void aFlippedBitInAnyByteOfACopyCostsNothingAndIsRepaired() throws Exception {
    open(2);
    append(5, 40);
    disks.kill();
    for (Path directory : List.of(LANE, COPY)) {
      SimDisk disk = disks.diskOf(directory);
      for (String name : disk.list(directory)) {
        Path file = directory.resolve(name);
        if (!disk.exists(file)) {
          continue;
        }
        byte[] intact = disk.content(file);
        boolean isWhole = name.equals("lane.id");
        int end = isWhole ? intact.length : Math.min(intact.length, 8192);
        for (int at = 0; at < end; at += isWhole ? 5 : at < 128 ? 9 : 37 + at / 8) {
          disks.kill();
          byte[] damaged = disk.content(file);
          damaged[at % damaged.length] ^= 4;
          disk.overwrite(file, damaged);
          open(2);
          assertThat(all()).as("%s at %d", file, at).isEqualTo(everything());
          assertThat(notes.noted())
              .as("%s at %d", file, at)
              .containsExactlyInAnyOrderElementsOf(everything());
          assertThat(sim.events)
              .as("%s at %d", file, at)
              .noneMatch(JournalEvent.RecordsLost.class::isInstance);
          waitUntilInSync();
          if (!disk.exists(file)) {
            break;
          }
        }
      }
    }
  }

  private Path firstSegment() throws Exception {
    return disks.list(LANE).stream()
        .filter(name -> name.endsWith(".seg"))
        .findFirst()
        .map(LANE::resolve)
        .orElseThrow();
  }

  @Test
  void aFrameDamagedInOneCopyIsWrittenBackFromTheOtherOne() throws Exception {
    open(2);
    append(12, 9_000);
    disks.kill();
    Path file = firstSegment();
    SimDisk disk = disks.diskOf(LANE);
    byte[] intact = disk.content(file);
    byte[] damaged = intact.clone();
    damaged[4096 + 500] ^= 1;
    disk.overwrite(file, damaged);
    open(2);
    assertThat(all()).isEqualTo(everything());
    assertThat(events(JournalEvent.CopyRepaired.class))
        .singleElement()
        .satisfies(event -> assertThat(event.error()).isNull());
    assertThat(disk.content(file)).isEqualTo(intact);
  }

  @Test
  void aNoteOrDigestDamagedInOneCopyIsWrittenBackThoughTheOtherOneHasADamagedPayload()
      throws Exception {
    open(2);
    append(1, 600);
    disks.kill();
    Path file = firstSegment();
    flip(LANE, file, 4096 + 72 + 600 + 20);
    flip(LANE, file, 4096 + 72 + 600 + 58 + 4 + 2);
    flip(COPY, COPY.resolve(file.getFileName()), 4096 + 100);
    open(2);
    assertThat(all()).isEqualTo(everything());
    assertThat(notes.noted()).containsExactlyInAnyOrderElementsOf(everything());
    assertThat(events(JournalEvent.NotesDamaged.class)).isEmpty();
    assertThat(events(JournalEvent.CopyRepaired.class))
        .hasSize(3)
        .allMatch(event -> event.error() == null);
  }

  private void flip(Path directory, Path file, int position) {
    byte[] content = disks.diskOf(directory).content(file);
    content[position] ^= 1;
    disks.diskOf(directory).overwrite(file, content);
  }

  @Test
  void aSegmentThatOneCopyLostIsRestored() throws Exception {
    open(2);
    append(12, 9_000);
    disks.kill();
    Path file = firstSegment();
    SimDisk disk = disks.diskOf(LANE);
    byte[] intact = disk.content(file);
    disk.lose(file);
    open(2);
    assertThat(all()).isEqualTo(everything());
    assertThat(disk.content(file)).isEqualTo(intact);
    assertThat(sim.isInSync()).isTrue();
  }
}
