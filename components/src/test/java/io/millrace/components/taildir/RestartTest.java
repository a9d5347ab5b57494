/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.testing.ToyOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
