/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReckoningTest {
  @TempDir private Path directory;
  private Path logs;
  private Path store;

  @BeforeEach
  void makeDirectories() throws IOException {
    logs = Files.createDirectories(directory.resolve("logs"));
    store = Files.createDirectories(directory.resolve("store"));
  }

  @Test
  void equalContentsInAnyOrderAndAnyFilesAreComplete() throws IOException {
    Files.writeString(logs.resolve("access.log"), "a\nb\n");
    Files.writeString(logs.resolve("access.log.1"), "c\r\n\nb\n");
    Files.writeString(store.resolve("1"), "b\nc\n");
    Files.writeString(store.resolve("2"), "\nb\na\n");

    assertThat(begin().count()).isEqualTo(new Tally(5, 5, 0, 0, 0));
  }

  @Test
  void aMissingLineIsLostAndARepeatedOneDuplicated() throws IOException {
    Files.writeString(logs.resolve("access.log"), "a\nb\nb\nc\n");
    Files.writeString(store.resolve("1"), "a\na\na\nb\nc\n");

    assertThat(begin().count()).isEqualTo(new Tally(4, 5, 1, 2, 0));
  }

  @Test
  void lossAndDuplicateDoNotCancelEachOther() throws IOException {
    Files.writeString(logs.resolve("access.log"), "a\nb\n");
    Files.writeString(store.resolve("1"), "a\na\n");

    assertThat(begin().count()).isEqualTo(new Tally(2, 2, 1, 1, 0));
  }

  @Test
  void aStoredLineThatNoFileHasIsNamedApart() throws IOException {
    Files.writeString(logs.resolve("access.log"), "a\n");
    Files.writeString(store.resolve("1"), "a\nz\n");

    assertThat(begin().count()).isEqualTo(new Tally(1, 2, 0, 0, 1));
  }

  @Test
  void linesWrittenAfterTheBeginningMayBeStoredButNeedNotBe() throws IOException {
    Path log = Files.writeString(logs.resolve("access.log"), "a\nunfinished");
    Reckoning reckoning = begin();
    Files.writeString(log, " line\nlater\nlast\n", StandardOpenOption.APPEND);
    Files.move(log, logs.resolve("access.log.1"));
    Files.writeString(store.resolve("1"), "a\nlater\n");

    assertThat(reckoning.count()).isEqualTo(new Tally(2, 2, 0, 0, 0));
  }

  @Test
  void onlyFilesOfTheGroupCount() throws IOException {
    Files.writeString(logs.resolve("access.log"), "a\n");
    Files.writeString(logs.resolve("other.log"), "b\n");
    Files.writeString(store.resolve("1"), "a\n");

    assertThat(begin().count().lost()).isZero();
  }

  @Test
  void severalPassesCountAsOneDoes() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      lines.add("line " + i);
    }
    Files.write(logs.resolve("access.log"), lines);
    Collections.shuffle(lines, new Random(1));
    Files.write(store.resolve("1"), lines.subList(10, 1000));

    Reckoning reckoning = Reckoning.begin(List.of(new FollowedFiles(logs, "access.*")), store, 64);

    assertThat(reckoning.count()).isEqualTo(new Tally(1000, 990, 10, 0, 0));
  }

  /** Goal: the table agrees with plain arithmetic, also after it has grown. */
  @Property(tries = 200)
  void countsAgreeWithArithmetic(
      @ForAll @Size(max = 300) List<@IntRange(max = 60) Integer> read,
      @ForAll @Size(max = 300) List<@IntRange(max = 60) Integer> stored) {
    LineCounts counts = new LineCounts();
    read.forEach(line -> counts.require(line * 0x9e3779b97f4a7c15L));
    stored.forEach(line -> counts.store(line * 0x9e3779b97f4a7c15L));
    long lost = 0;
    long duplicated = 0;
    long unknown = 0;
    for (int line = 0; line <= 60; line++) {
      int wasRead = Collections.frequency(read, line);
      int wasStored = Collections.frequency(stored, line);
      lost += Math.max(0, wasRead - wasStored);
      duplicated += wasRead == 0 ? 0 : Math.max(0, wasStored - wasRead);
      unknown += wasRead == 0 ? wasStored : 0;
    }

    assertThat(counts.tally())
        .isEqualTo(new Tally(read.size(), stored.size(), lost, duplicated, unknown));
  }

  @Test
  void theTableGrows() {
    LineCounts counts = new LineCounts();
    for (long line = 0; line < 100_000; line++) {
      counts.require(line * 0x9e3779b97f4a7c15L);
      counts.store(line * 0x9e3779b97f4a7c15L);
    }

    assertThat(counts.tally()).isEqualTo(new Tally(100_000, 100_000, 0, 0, 0));
  }

  private Reckoning begin() throws IOException {
    return Reckoning.begin(List.of(new FollowedFiles(logs, "access\\.log.*")), store);
  }
}
