/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionFileTest {
  @TempDir Path temporary;
  private PositionFile file;

  @BeforeEach
  void prepare() {
    file = new PositionFile(temporary.resolve("positions.json"));
  }

  @Test
  void whatIsSavedIsLoaded() throws IOException {
    List<Position> positions =
        List.of(
            new Position(1, 0, Path.of("/a b/\"quoted\"\n"), Mark.UNKNOWN),
            new Position(Long.MAX_VALUE, 1L << 40, Path.of("/ü"), new Mark(256, -5)),
            new Position(1, 7, Path.of("/other device"), new Mark(7, 3)));
    file.save(positions);
    assertThat(new PositionFile(file.path()).load())
        .isEqualTo(new PositionFile.Loaded(positions, ""));
    assertThat(Files.list(temporary)).containsExactly(file.path());
  }

  @Test
  void noFileHoldsNoPositions() throws IOException {
    assertThat(file.load()).isEqualTo(new PositionFile.Loaded(List.of(), ""));
  }

  @Test
  void fieldsThatAreNotKnownAreSkipped() throws IOException {
    Files.writeString(
        file.path(), "[{\"x\":[1,{}],\"inode\":1,\"pos\":2,\"y\":null,\"file\":\"/f\"}]");
    assertThat(file.load().positions())
        .containsExactly(new Position(1, 2, Path.of("/f"), Mark.UNKNOWN));
  }

  @Test
  void damagedMarksCostOnlyTheMarks() throws IOException {
    file.save(List.of(new Position(1, 2, Path.of("/f"), new Mark(2, 9))));
    String text = Files.readString(file.path());
    for (int cut = text.indexOf('\n'); cut < text.length() - 1; cut++) {
      Files.writeString(file.path(), text.substring(0, cut));
      PositionFile.Loaded loaded = file.load();
      assertThat(loaded.damage()).isEmpty();
      assertThat(loaded.positions()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"inode\":1,\"pos\":2,\"file\":\"/f\"}",
        "[{\"inode\":1,\"pos\":2}]",
        "[{\"inode\":1,\"pos\":-2,\"file\":\"/f\"}]",
        "[{\"inode\":1,\"pos\":99999999999999999999,\"file\":\"/f\"}]",
        "[{\"inode\":\"1\",\"pos\":2,\"file\":\"/f\"}]",
        "[{\"inode\":1,\"pos\":2,\"file\":\"/f\\u0000\"}]",
        "{}",
        "[1]",
        "\u0000\u0000\u0000",
        "garbage"
      })
  void damageIsSaidAndTheFileKeptAside(String content) throws IOException {
    Files.writeString(file.path(), content);
    PositionFile.Loaded loaded = file.load();
    assertThat(loaded.damage()).isNotEmpty();
    assertThat(loaded.positions()).isEmpty();
    Path aside = file.setAside();
    assertThat(aside.getFileName()).hasToString("positions.json.damaged-1");
    assertThat(aside).hasContent(content);
    Files.writeString(file.path(), "again");
    assertThat(file.setAside().getFileName()).hasToString("positions.json.damaged-2");
  }

  @Test
  void aFailedSaveLeavesTheOldFile() throws IOException {
    List<Position> old = List.of(new Position(1, 2, Path.of("/f"), Mark.UNKNOWN));
    file.save(old);
    // Nothing can be written to the file aside: it is a directory.
    Files.createDirectory(temporary.resolve("positions.json.tmp"));
    List<Position> newer = List.of(new Position(1, 3, Path.of("/f"), Mark.UNKNOWN));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> file.save(newer))
        .isInstanceOf(IOException.class);
    assertThat(file.load().positions()).isEqualTo(old);
    Files.delete(temporary.resolve("positions.json.tmp"));
    file.save(newer);
    assertThat(file.load().positions()).isEqualTo(newer);
  }

  @Test
  void onlyOneSourceMayHaveIt() throws IOException {
    try (Closeable lock = file.lock()) {
      assertThat(lock).isNotNull();
      assertThat(new PositionFile(file.path()).lock()).isNull();
    }
    try (Closeable lock = file.lock()) {
      assertThat(lock).isNotNull();
    }
  }
}
