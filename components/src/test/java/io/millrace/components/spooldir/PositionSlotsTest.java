/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionSlotsTest {
  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("positions");
  }

  private static SavedPosition position(long mark) {
    return new SavedPosition(
        "sub/ä.log", new FileFacts(1, 2, 3, 4, true, false, false), mark, 7, false);
  }

  private List<SavedPosition> loaded() throws IOException {
    try (PositionSlots slots = PositionSlots.open(file())) {
      assertThat(slots.isDamaged()).isFalse();
      return slots.loaded();
    }
  }

  private void damage(int slot) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
      bytes.seek((long) slot * PositionSlots.SLOT_BYTES + 30);
      bytes.write(0xff);
    }
  }

  @Test
  void whatWasWrittenLastIsFound() throws IOException {
    assertThat(loaded()).isEmpty();
    try (PositionSlots slots = PositionSlots.open(file())) {
      for (int i = 0; i < 10; i++) {
        slots.write(List.of(position(i)));
        if (i % 3 == 0) {
          slots.sync();
        }
      }
    }
    assertThat(loaded()).containsExactly(position(9));
  }

  @Test
  void aTornWriteCostsOnlyWhatCameSinceTheLastSync() throws IOException {
    try (PositionSlots slots = PositionSlots.open(file())) {
      slots.write(List.of(position(1)));
      slots.sync();
      slots.write(List.of(position(2)));
      slots.write(List.of(position(3)));
    }
    damage(1 - slotOfSynced());

    assertThat(loaded()).containsExactly(position(1));
  }

  /** The first write of a new file goes to the second slot. */
  private static int slotOfSynced() {
    return 1;
  }

  @Test
  void aFileOfGarbageIsDamaged() throws IOException {
    try (PositionSlots slots = PositionSlots.open(file())) {
      slots.write(List.of(position(1)));
      slots.sync();
      slots.write(List.of(position(2)));
    }
    damage(0);
    damage(1);

    try (PositionSlots slots = PositionSlots.open(file())) {
      assertThat(slots.isDamaged()).isTrue();
      assertThat(slots.loaded()).isEmpty();
      slots.write(List.of(position(5)));
    }
    assertThat(loaded()).containsExactly(position(5));
  }

  @Test
  void aPositionTakesAtMostWhatIsReckoned() throws IOException {
    Path file = file();
    for (String path :
        List.of("a", "\u0001\"\\\u007f".repeat(500), "äé/日本\ud83d\ude00".repeat(500))) {
      SavedPosition longest =
          new SavedPosition(
              path,
              new FileFacts(
                  Long.MIN_VALUE,
                  Long.MIN_VALUE,
                  Long.MIN_VALUE,
                  Long.MIN_VALUE,
                  true,
                  false,
                  false),
              Long.MIN_VALUE,
              Long.MIN_VALUE,
              false);
      int most = SavedPosition.maxEncodedBytes(path);
      int fitting = (PositionSlots.SLOT_BYTES - 100) / most;
      try (PositionSlots slots = PositionSlots.open(file)) {
        slots.write(Collections.nCopies(fitting, longest));
      }
      assertThat(loaded()).hasSize(fitting).containsOnly(longest);
    }
  }

  @Test
  void twoSourcesDoNotShareIt() throws IOException {
    try (PositionSlots first = PositionSlots.open(file())) {
      assertThat(first).isNotNull();
      assertThat(PositionSlots.open(file())).isNull();
    }
  }
}
