/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.api.EventDeserializer.DecodeErrorPolicy;
import io.millrace.api.RejectedException;
import io.millrace.components.deserializer.BlobDeserializerOptions;
import io.millrace.components.deserializer.LineDeserializerOptions;
import io.millrace.components.spooldir.SpoolDirOptions.ConsumeOrder;
import io.millrace.components.spooldir.SpoolDirOptions.DeletePolicy;
import io.millrace.components.spooldir.SpoolDirOptions.TrackingPolicy;
import io.millrace.kit.text.MultilineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolerTest {
  @TempDir private Path temporary;

  private SpoolerHarness harness;

  @BeforeEach
  void harness() {
    harness = new SpoolerHarness(temporary);
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  private static String lines(int from, int to) {
    StringBuilder text = new StringBuilder();
    IntStream.range(from, to).forEach(i -> text.append("line ").append(i).append('\n'));
    return text.toString();
  }

  private static List<String> expected(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "line " + i).toList();
  }

  @Test
  void filesAreReadOldestFirstAndRenamed() {
    harness.write("b", "1\n2\r\n");
    harness.write("a", "3\nlast");
    harness.write("empty", "");
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("1", "2\r", "3", "last");
    assertThat(harness.names()).containsExactly("a.COMPLETED", "b.COMPLETED", "empty.COMPLETED");
    assertThat(harness.counted("FilesFinished")).isEqualTo(3);
    harness.start();
    harness.settle();
    assertThat(bodies()).hasSize(4);
  }

  // Names of 4,000 characters of which each takes six bytes in the position file.
  @Test
  void soManyFilesAreBegunThatTheirPositionsCanBeSaved() {
    harness.isRecursive = true;
    String deep = ("\u0001".repeat(250) + "/").repeat(14);
    for (int i = 0; i < 60; i++) {
      harness.write(deep + i, i + "\n");
    }
    harness.output.hold();
    harness.start();
    harness.settle();
    assertThat(harness.counted("PositionWriteFail")).isZero();

    harness.output.release();
    harness.settle();
    assertThat(harness.counted("PositionWriteFail")).isZero();
    assertThat(bodies()).hasSize(60).doesNotHaveDuplicates();
  }

  @Test
  void theYoungestIsReadFirstIfAskedTo() {
    harness.consumeOrder = ConsumeOrder.YOUNGEST;
    harness.write("a", "old\n");
    harness.write("b", "new\n");
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("new", "old");
  }

  @Test
  void anyOrderReadsAllFiles() {
    harness.consumeOrder = ConsumeOrder.RANDOM;
    IntStream.range(0, 20).forEach(i -> harness.write("f" + i, i + "\n"));
    harness.start();
    harness.settle();

    assertThat(bodies())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 20).mapToObj(Integer::toString).toList());
  }

  @Test
  void namesThatAreNotMeantAreLeftAlone() {
    harness.includePattern = ".*\\.log";
    harness.ignorePattern = "x.*";
    for (String name :
        List.of("a.log", "x.log", ".b.log", "c.txt", "d.log.COMPLETED", "sub/e.log")) {
      harness.write(name, name + "\n");
    }
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("a.log");
  }

  @Test
  void subDirectoriesAreReadIfAskedToButNotThroughLinks() throws IOException {
    harness.isRecursive = true;
    harness.ignorePattern = "x.*";
    harness.hasHeaders = true;
    harness.write("sub/deep/a", "a\n");
    harness.write(".hidden/b", "b\n");
    harness.write("xsub/c", "c\n");
    Files.createSymbolicLink(harness.directory.resolve("loop"), harness.directory);
    harness.start();
    harness.settle();

    assertThat(harness.output.events())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.body()).isEqualTo("a");
              assertThat(event.headers())
                  .isEqualTo(
                      Map.of(
                          "file",
                          harness.directory.resolve("sub/deep/a").toString(),
                          "basename",
                          "a"));
            });
    assertThat(harness.directory.resolve("sub/deep/a.COMPLETED")).exists();
  }

  @Test
  void finishedFilesAreDeletedIfAskedTo() {
    harness.deletePolicy = DeletePolicy.IMMEDIATE;
    harness.write("a", "1\n");
    harness.output.hold();
    harness.start();
    harness.settle();
    assertThat(harness.names()).containsExactly("a");

    harness.output.release();
    harness.settle();
    assertThat(harness.names()).isEmpty();
  }

  @Test
  void theTrackerDirectoryMarksFilesThatKeepTheirNames() {
    harness.trackingPolicy = TrackingPolicy.TRACKER_DIR;
    harness.isRecursive = true;
    harness.write("a", "1\n");
    harness.write("sub/b", "2\n");
    harness.start();
    harness.settle();
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("1", "2");
    assertThat(harness.names())
        .containsExactly(".flumespool/a.COMPLETED", ".flumespool/sub/b.COMPLETED", "a", "sub/b");
    assertThat(harness.counted("FilesSetAside")).isZero();
  }

  @Test
  void inTheTrackerDirectoryAMarkOfFlumeCountsAndANewFileOfTheNameIsSetAside() {
    harness.trackingPolicy = TrackingPolicy.TRACKER_DIR;
    harness.write(".flumespool/flumes.COMPLETED", "");
    harness.write("flumes", "old\n");
    harness.write("a", "1\n");
    harness.start();
    harness.settle();
    harness.write("a", "another\n");
    harness.write("b", "2\n");
    harness.settle();
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactly("1", "2");
    assertThat(harness.names()).contains(".flumespool/a.SET-ASIDE", "a");
    assertThat(harness.counted("FilesSetAside")).isEqualTo(1);
  }

  @Test
  void aFileThatIsWrittenToIsSetAsideAndTheOthersGoOn() throws IOException {
    harness.output.hold();
    Path a = harness.write("a", lines(0, 10));
    harness.write("b", "b\n");
    harness.start();
    harness.pass(Duration.ofMillis(1));
    Files.writeString(a, "more\n", StandardOpenOption.APPEND);
    harness.output.release();
    harness.settle();
    harness.write("c", "c\n");
    harness.settle();

    List<String> all = new ArrayList<>(expected(0, 10));
    all.addAll(List.of("b", "c"));
    assertThat(bodies()).isEqualTo(all);
    assertThat(harness.names()).containsExactly("a.SET-ASIDE", "b.COMPLETED", "c.COMPLETED");
    assertThat(harness.counted("FilesSetAside")).isEqualTo(1);
  }

  @Test
  void aNameUsedTwiceIsSetAsideAndTheOthersGoOn() {
    harness.write("a", "1\n");
    harness.start();
    harness.settle();
    harness.write("a", "2\n");
    harness.write("b", "3\n");
    harness.settle();
    harness.write("a", "4\n");
    harness.settle();

    assertThat(bodies()).containsExactly("1", "3");
    assertThat(harness.names())
        .containsExactly("a.COMPLETED", "a.SET-ASIDE", "a.SET-ASIDE.1", "b.COMPLETED");
  }

  @Test
  void aNameThatIsTakenWhileTheFileIsReadCostsNothing() {
    harness.output.hold();
    harness.write("a", "1\n");
    harness.start();
    harness.settle();
    harness.write("a.COMPLETED", "other\n");
    harness.output.release();
    harness.settle();

    assertThat(bodies()).containsExactly("1");
    assertThat(harness.names()).containsExactly("a.COMPLETED", "a.SET-ASIDE");
    assertThat(harness.directory.resolve("a.COMPLETED")).hasContent("other\n");
  }

  @Test
  void aRenameThatWasCutOffIsCompleted() throws IOException {
    Path a = harness.write("a", "1\n");
    Files.createLink(harness.directory.resolve("a.COMPLETED"), a);
    harness.start();
    harness.settle();

    assertThat(bodies()).isEmpty();
    assertThat(harness.names()).containsExactly("a.COMPLETED");
  }

  @Test
  void afterAKillOnlyWhatWasInFlightComesAgain() {
    harness.batchSize = 10;
    harness.write("a", lines(0, 1000));
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    for (int i = 0; i < 5; i++) {
      harness.output.pending().get(0).accept();
    }
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(1).accept();
    assertThat(bodies()).hasSize(60);

    harness.output.release();
    int before = harness.output.events().size();
    harness.start();
    harness.settle();

    assertThat(before - 50).isLessThanOrEqualTo(Spooler.MAX_BATCHES_IN_FLIGHT * 10);
    assertThat(bodies().subList(before, bodies().size())).isEqualTo(expected(50, 1000));
    assertThat(harness.names()).containsExactly("a.COMPLETED");
  }

  @Test
  void anotherFileOfTheNameIsReadFromItsBeginning() throws IOException {
    harness.batchSize = 10;
    Path a = harness.write("a", lines(0, 1000));
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).accept();
    harness.pass(Duration.ofMillis(1));
    Path other = harness.write(".other", lines(5000, 6000));
    Files.move(other, a, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    harness.output.release();
    int before = harness.output.events().size();
    harness.start();
    harness.settle();

    assertThat(bodies().subList(before, bodies().size())).isEqualTo(expected(5000, 6000));
  }

  @Test
  void aFileThatChangedMeanwhileIsSetAsideAtTheStart() throws IOException {
    harness.batchSize = 10;
    Path a = harness.write("a", lines(0, 1000));
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).accept();
    harness.pass(Duration.ofMillis(1));
    Files.writeString(a, "more", StandardOpenOption.APPEND);
    harness.output.release();
    int before = harness.output.events().size();
    harness.start();
    harness.settle();

    assertThat(bodies()).hasSize(before);
    assertThat(harness.names()).containsExactly("a.SET-ASIDE");
  }

  @Test
  void whatIsRefusedIsTriedAgainAndWhatCanNeverBeTakenIsSkipped() {
    harness.batchSize = 1;
    harness.write("a", "1\n2\n3\n");
    harness.output.hold();
    harness.start();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).fail(new RejectedException("no"));
    harness.output.pending().get(0).fail(new ChannelFullException("full"));
    harness.output.release();
    harness.settle();

    assertThat(bodies()).containsExactlyInAnyOrder("2", "3");
    assertThat(harness.counted("EventsRejected")).isEqualTo(1);
    assertThat(harness.counted("ChannelWriteFail")).isEqualTo(1);
    assertThat(harness.names()).containsExactly("a.COMPLETED");
  }

  @Test
  void aSlowWriterIsWaitedFor() throws IOException {
    harness.settleTime = Duration.ofSeconds(10);
    Path a = harness.write("a", "1\n");
    harness.start();
    harness.pass(Duration.ofSeconds(5));
    Files.writeString(a, "2\n", StandardOpenOption.APPEND);
    harness.pass(Duration.ofSeconds(8));
    assertThat(bodies()).isEmpty();

    harness.pass(Duration.ofSeconds(4));
    assertThat(bodies()).containsExactly("1", "2");
    assertThat(harness.names()).containsExactly("a.COMPLETED");
  }

  @Test
  void bytesThatAreNoCharactersSetTheFileAsideOrAreReplaced() {
    byte[] bad = {'a', '\n', (byte) 0xc3, '(', '\n', 'b', '\n'};
    harness.write("a", bad);
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("a");
    assertThat(harness.names()).containsExactly("a.SET-ASIDE");

    harness.decodeErrorPolicy = DecodeErrorPolicy.REPLACE;
    harness.write("b", bad);
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("a", "a", "\ufffd(", "b");

    harness.decodeErrorPolicy = DecodeErrorPolicy.IGNORE;
    harness.write("c", bad);
    harness.start();
    harness.settle();
    assertThat(bodies()).endsWith("a", "(", "b");
  }

  @Test
  void linesThatBelongTogetherAreOneEventThroughAKill() {
    harness.batchSize = 1;
    harness.deserializer =
        new LineDeserializerOptions(
            2048, UTF_8, false, MultilineOptions.of("^\\s", false, MultilineOptions.Side.AFTER));
    harness.write("a", "one\n at x\n at y\ntwo\nthree\n at z\n");
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).accept();
    harness.pass(Duration.ofMillis(1));
    harness.output.release();
    int before = bodies().size();
    harness.start();
    harness.settle();

    assertThat(bodies().get(0)).isEqualTo("one\n at x\n at y");
    assertThat(bodies().subList(before, bodies().size())).containsExactly("two", "three\n at z");
  }

  @Test
  void aBatchIsBoundedInBytes() {
    harness.deserializer = new BlobDeserializerOptions(DataSize.ofBytes(100_000));
    harness.write("a", "x".repeat(350_000));
    harness.start();
    harness.settle();

    assertThat(bodies())
        .extracting(String::length)
        .containsExactly(100_000, 100_000, 100_000, 50_000);
    assertThat(harness.output.largestBatchEvents()).isEqualTo(1);
  }

  @Test
  void manySmallFilesAreReadInOneGo() {
    IntStream.range(0, 2000).forEach(i -> harness.write("f" + i, i + "\n"));
    harness.start();
    harness.settle();

    assertThat(bodies()).hasSize(2000);
    assertThat(harness.names()).allMatch(name -> name.endsWith(".COMPLETED"));
  }
}
