/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.components.testing.ToyOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a new source makes of the positions of an old one. */
class RestartTest {
  @TempDir Path temporary;
  private TailerHarness harness;

  @BeforeEach
  void prepare() {
    harness = new TailerHarness(temporary);
  }

  private void run() {
    harness.start();
    harness.settle();
    harness.stop();
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  private long inode(String name) throws IOException {
    return (Long) Files.getAttribute(harness.file(name), "unix:ino");
  }

  private String positions() throws IOException {
    return Files.readString(harness.positionFile.path());
  }

  @Test
  void flumesPositionFileIsTakenOver() throws IOException {
    harness.append("app.log", "one\ntwo\nthree\n");
    harness.append("app.log.1", "uno\ndos\n");
    String fixture;
    try (InputStream stream = RestartTest.class.getResourceAsStream("flume-positions.json")) {
      fixture = new String(stream.readAllBytes(), UTF_8);
    }
    Files.writeString(
        harness.positionFile.path(),
        fixture
            .replace("@INODE1@", Long.toString(inode("app.log")))
            .replace("@INODE2@", Long.toString(inode("app.log.1")))
            .replace("@DIR@", harness.directory.toString()));
    run();
    assertThat(bodies()).containsExactlyInAnyOrder("three", "dos");
  }

  @Test
  void theFirstLineOfThePositionFileIsFlumesForm() throws IOException {
    harness.append("app.log", "one\n");
    run();
    assertThat(positions().lines().findFirst())
        .hasValue(
            "[{\"inode\":"
                + inode("app.log")
                + ",\"pos\":4,\"file\":\""
                + harness.file("app.log")
                + "\"}]");
  }

  @Test
  void anEmptyPositionFileHoldsNone() throws IOException {
    Files.createFile(harness.positionFile.path());
    harness.append("app.log", "one\n");
    run();
    assertThat(bodies()).containsExactly("one");
  }

  @Test
  void anOrderlyStopRepeatsNothing() {
    harness.append("app.log", "one\ntw");
    run();
    harness.append("app.log", "o\nthree\n");
    run();
    assertThat(bodies()).containsExactly("one", "two", "three");
  }

  @Test
  void rotationWhileDownIsFollowedUnderAMatchingName() {
    harness.append("app.log", "one\n");
    run();
    harness.append("app.log", "two\n");
    harness.rename("app.log", "app.log.1");
    harness.append("app.log", "three is longer than what was read\n");
    run();
    assertThat(bodies())
        .containsExactlyInAnyOrder("one", "two", "three is longer than what was read");
  }

  @Test
  void rotationWhileDownIsFollowedOutOfThePattern() {
    harness.append("app.log", "one\n");
    run();
    harness.append("app.log", "two\n");
    harness.rename("app.log", "archived");
    harness.append("app.log", "three\n");
    run();
    assertThat(bodies()).containsExactlyInAnyOrder("one", "two", "three");
  }

  @Test
  void aForeignFileOnTheInodeOutsideThePatternIsNotRead() throws IOException {
    harness.append("app.log", "one\n");
    run();
    harness.rename("app.log", "database");
    Files.write(harness.file("database"), "not a log at all\n".getBytes(UTF_8));
    run();
    assertThat(bodies()).containsExactly("one");
  }

  @Test
  void aFileThatIsShorterThanItsPositionIsReadFromItsBeginning() {
    harness.append("app.log", "one\ntwo\n");
    run();
    harness.truncate("app.log");
    harness.append("app.log", "x\n");
    run();
    assertThat(bodies()).containsExactly("one", "two", "x");
  }

  @Test
  void aFileWithOtherBytesBeforeItsPositionIsReadFromItsBeginning() {
    harness.append("app.log", "one\ntwo\n");
    run();
    harness.truncate("app.log");
    harness.append("app.log", "uno\ndos\ntres\n");
    run();
    assertThat(bodies()).containsExactly("one", "two", "uno", "dos", "tres");
  }

  @Test
  void flumesEntryForAnotherNameCountsOnlyWhereALineEnds() throws IOException {
    harness.append("app.log", "one\ntwo\n");
    Files.writeString(
        harness.positionFile.path(),
        "[{\"inode\":" + inode("app.log") + ",\"pos\":5,\"file\":\"/elsewhere/app.log\"}]");
    run();
    assertThat(bodies()).containsExactly("one", "two");
  }

  @Test
  void skipToEndCountsForFilesWithoutAPositionAtStartOnly() {
    harness.skipToEnd = true;
    harness.append("app.log", "old\n");
    harness.start();
    harness.settle();
    harness.append("app.log", "one\n");
    harness.append("app.log.new", "two\n");
    harness.settle();
    harness.stop();
    harness.append("app.log", "three\n");
    run();
    assertThat(bodies()).containsExactlyInAnyOrder("one", "two", "three");
  }

  @Test
  void afterACrashLinesSinceTheLastSaveAreRepeatedAndNoneIsLost() {
    harness.start();
    harness.append("app.log", "one\n");
    harness.pass(Duration.ofSeconds(4));
    harness.append("app.log", "two\n");
    harness.pass(Duration.ofSeconds(1));
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two", "two");
  }

  @Test
  void unconfirmedLinesAreNotSaved() throws IOException {
    harness.append("app.log", "one\n");
    harness.output.hold();
    harness.start();
    harness.settle();
    assertThat(positions()).contains("\"pos\":0");
    harness.output.release();
    harness.settle();
    assertThat(positions()).contains("\"pos\":4");
  }

  @Test
  void aPositionStandsBehindTheLinesThatWereConfirmedInOrder() throws IOException {
    harness.batchSize = 1;
    harness.append("app.log", "one\ntwo\nthree\n");
    harness.output.hold();
    harness.start();
    harness.settle();
    List<ToyOutput.Pending> pending = harness.output.pending();
    pending.get(2).accept();
    harness.settle();
    assertThat(positions()).contains("\"pos\":0");
    pending.get(0).accept();
    harness.settle();
    assertThat(positions()).contains("\"pos\":4");
    harness.start();
    harness.settle();
    harness.output.release();
    assertThat(bodies()).startsWith("three", "one").endsWith("two", "two", "three");
  }

  @Test
  void positionsOfADirectoryThatIsAwayAreKept() throws IOException {
    Path other = temporary.resolve("other");
    harness.groups.put("other", other + "/.*");
    Files.createDirectory(other);
    TailerHarness.append(other.resolve("x"), "one\n");
    harness.append("app.log", "uno\n");
    run();
    Path away = temporary.resolve("away");
    Files.move(other, away);
    run();
    Files.move(away, other);
    TailerHarness.append(other.resolve("x"), "two\n");
    run();
    assertThat(bodies()).containsExactlyInAnyOrder("one", "uno", "two");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void positionsOutliveAnEmptyDirectoryWhoseVolumeIsMountedLater(boolean skipToEnd)
      throws IOException {
    harness.skipToEnd = skipToEnd;
    harness.start();
    harness.settle();
    harness.append("app.log", "one\n");
    harness.settle();
    harness.stop();
    Path away = temporary.resolve("away");
    Files.move(harness.file("app.log"), away);
    run();
    run();
    Files.move(away, harness.file("app.log"));
    harness.append("app.log", "two\n");
    run();
    assertThat(bodies()).containsExactly("one", "two");
  }

  @Test
  void aPositionOutlivesARunInWhichItsFileCouldNotBeLookedAt() {
    harness.append("app.log", "one\n");
    run();
    FileAccess sound = harness.access;
    harness.access =
        new ForwardingFiles(sound) {
          @Override
          public FileFacts stat(Path path) throws IOException {
            if (path.endsWith("app.log")) {
              throw new IOException("Input/output error");
            }
            return super.stat(path);
          }
        };
    run();
    harness.access = sound;
    harness.append("app.log", "two\n");
    run();
    assertThat(bodies()).containsExactly("one", "two");
  }

  @Test
  void positionsOfFilesThatNeverComeBackAreBoundedAndTheOldestAreForgotten() throws IOException {
    harness.append("app.log", "one\n");
    List<Position> gone = new ArrayList<>();
    for (int i = 0; i < Remembered.MAX_LOADED + 3; i++) {
      // No file of the test has such an inode.
      gone.add(new Position(Long.MAX_VALUE - i, 1, harness.file("app.log." + i), Mark.LINE_END));
    }
    harness.positionFile.save(gone);
    run();
    assertThat(harness.metrics.value("PositionsForgotten")).isEqualTo(3);
    List<Position> kept = new PositionFile(harness.positionFile.path()).load().positions();
    assertThat(kept.subList(0, Remembered.MAX_LOADED)).isEqualTo(gone.subList(3, gone.size()));
    assertThat(kept.subList(Remembered.MAX_LOADED, kept.size()))
        .extracting(Position::inode)
        .containsExactly(inode("app.log"));
    Files.move(harness.file("app.log"), temporary.resolve("away"));
    run();
    assertThat(new PositionFile(harness.positionFile.path()).load().positions())
        .as("a newer one took the place of the oldest")
        .hasSize(Remembered.MAX_LOADED)
        .endsWith(kept.get(Remembered.MAX_LOADED))
        .doesNotContain(gone.get(3));
  }

  @Test
  void rememberedPositionsAreSavedInFlumesFormToo() throws IOException {
    harness.append("app.log", "one\n");
    long inode = inode("app.log");
    run();
    Files.move(harness.file("app.log"), temporary.resolve("away"));
    harness.append("app.log.2", "uno\n");
    run();
    String entry = "{\"inode\":%d,\"pos\":4,\"file\":\"%s\"}";
    assertThat(positions().lines().findFirst())
        .hasValue(
            "["
                + entry.formatted(inode, harness.file("app.log"))
                + ","
                + entry.formatted(inode("app.log.2"), harness.file("app.log.2"))
                + "]");
  }

  @Test
  void whatIsRefusedDuringAStopIsDeliveredOnceAfterTheRestart() throws IOException {
    harness.append("app.log", "one\n");
    harness.output.hold();
    harness.start();
    harness.settle();
    harness.tailer.stopReading();
    assertThat(harness.tailer.isAnswered()).isFalse();
    harness.output.pending().get(0).fail(new ChannelFullException("full"));
    harness.output.release();
    harness.pass(Duration.ofSeconds(30));
    assertThat(bodies()).as("sent again while stopping").isEmpty();
    assertThat(harness.tailer.isAnswered()).isTrue();
    harness.tailer.close();
    assertThat(positions()).contains("\"pos\":0");
    run();
    assertThat(bodies()).containsExactly("one");
  }

  @Test
  void aPartialLineDeliveredBeforeTheStopIsNotRepeatedAndItsEndIsNoEvent() {
    harness.append("app.log", "one");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    harness.stop();
    harness.append("app.log", "\ntwo\n");
    run();
    assertThat(bodies()).containsExactly("one", "two");
  }
}
