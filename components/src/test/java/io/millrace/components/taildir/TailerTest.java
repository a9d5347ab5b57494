/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static io.millrace.components.taildir.TailerHarness.lines;
import static io.millrace.components.taildir.TailerHarness.numbered;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.RejectedException;
import io.millrace.components.testing.ToyOutput;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of files: rotation, very many of them, and failures. */
class TailerTest {
  @TempDir Path temporary;
  private TailerHarness harness;

  @BeforeEach
  void prepare() {
    harness = new TailerHarness(temporary);
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  /** The same lines as often; says only what differs. */
  private void assertSameLines(List<String> expected) {
    Map<String, Integer> surplus = new TreeMap<>();
    bodies().forEach(line -> surplus.merge(line, 1, Integer::sum));
    expected.forEach(line -> surplus.merge(line, -1, Integer::sum));
    surplus.values().removeIf(count -> count == 0);
    assertThat(surplus).as("lines that came too often (+) or too rarely (-)").isEmpty();
  }

  // Rotation.

  @Test
  void aRenamedFileGoesOnAtItsPositionUnderAMatchingName() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.settle();
    harness.append("app.log", "two\n");
    harness.rename("app.log", "app.log.1");
    harness.append("app.log.1", "three\n");
    harness.append("app.log", "four\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two", "three", "four");
  }

  @Test
  void aFileRenamedOutOfThePatternIsReadToItsEnd() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.settle();
    harness.append("app.log", "two\n");
    harness.rename("app.log", "old-app.log");
    harness.append("app.log", "four\n");
    harness.pass(Duration.ofSeconds(1));
    harness.append("old-app.log", "three\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two", "four", "three");
    harness.pass(Duration.ofMinutes(3));
    assertThat(harness.metrics.value("FilesFollowed")).isEqualTo(1);
  }

  @Test
  void aClosedFileRenamedOutOfThePatternIsFoundByItsInode() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    assertThat(harness.metrics.value("FilesOpen")).isZero();
    harness.append("app.log", "two\n");
    harness.rename("app.log", "old-app.log");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two");
  }

  @Test
  void aChainOfRenamesReadsNothingTwice() {
    harness.start();
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 20; round++) {
      harness.append("app.log", lines("r" + round + "-", 0, 10));
      expected.addAll(numbered("r" + round + "-", 0, 10));
      if (round % 3 != 0) {
        harness.pass(Duration.ofMillis(100L * round));
      }
      for (int i = 3; i >= 1; i--) {
        if (Files.exists(harness.file("app.log." + i))) {
          harness.rename("app.log." + i, "app.log." + (i + 1));
        }
      }
      harness.rename("app.log", "app.log.1");
      harness.pass(Duration.ofMillis(300));
    }
    harness.settle();
    assertThat(bodies()).isEqualTo(expected);
  }

  @Test
  void aTruncatedFileIsReadFromItsBeginning() {
    harness.append("app.log", "one\ntwo\n");
    harness.start();
    harness.settle();
    harness.truncate("app.log");
    harness.append("app.log", "x\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two", "x");
    assertThat(harness.metrics.value("FilesStartedOver")).isEqualTo(1);
  }

  @Test
  void aFileThatWasTruncatedAndGrewPastItsPositionIsReadFromItsBeginning() {
    harness.append("app.log", "one\ntwo\n");
    harness.start();
    harness.settle();
    harness.truncate("app.log");
    harness.append("app.log", lines("new", 0, 1000));
    harness.settle();
    List<String> expected = new ArrayList<>(List.of("one", "two"));
    expected.addAll(numbered("new", 0, 1000));
    assertThat(bodies()).isEqualTo(expected);
  }

  @Test
  void aFileThatWasTruncatedAndGrewToExactlyItsOldSizeIsReadFromItsBeginning() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.settle();
    harness.truncate("app.log");
    harness.append("app.log", "uno\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "uno");
  }

  @Test
  void aPartialLineThatIsTruncatedAwayDoesNotMixWithNewLines() {
    harness.append("app.log", "abc");
    harness.start();
    harness.settle();
    harness.truncate("app.log");
    harness.append("app.log", "x\ny\nzzz\n");
    harness.settle();
    assertThat(bodies()).containsExactly("x", "y", "zzz");
  }

  @Test
  void theHoleThatAWriterWithoutAppendModeLeavesIsSkipped() throws IOException {
    harness.start();
    try (RandomAccessFile writer = new RandomAccessFile(harness.file("app.log").toFile(), "rw")) {
      writer.write(lines("a", 0, 100_000).getBytes(UTF_8));
      harness.settle();
      assertThat(bodies()).hasSize(100_000);
      harness.truncate("app.log");
      writer.write("first\nsecond\n".getBytes(UTF_8));
      harness.settle();
      writer.write("third\n".getBytes(UTF_8));
      harness.settle();
    }
    assertThat(bodies().subList(100_000, bodies().size()))
        .containsExactly("first", "second", "third");
  }

  @Test
  void aDeletedFileIsReadToItsEndThroughTheOpenHandle() {
    harness.batchSize = 1;
    harness.append("app.log", lines("a", 0, 200));
    harness.output.hold();
    harness.start();
    harness.pass(Duration.ofMillis(100));
    assertThat(harness.output.pending()).hasSize(Tailer.MAX_BATCHES_IN_FLIGHT);
    harness.delete("app.log");
    harness.pass(Duration.ofMillis(100));
    harness.output.release();
    harness.settle();
    assertThat(bodies()).isEqualTo(numbered("a", 0, 200));
    harness.pass(Duration.ofMinutes(3));
    assertThat(harness.metrics.value("FilesFollowed")).isZero();
    assertThat(harness.metrics.value("FilesOpen")).isZero();
  }

  @Test
  void aNewFileOnTheInodeOfADeletedOneIsReadFromItsBeginning() throws IOException {
    harness.append("app.log", lines("a", 0, 10));
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    harness.stop();
    // The same inode with other bytes, whatever numbers the file system hands out.
    harness.rename("app.log", "app.log.reused");
    Files.write(harness.file("app.log.reused"), lines("b", 0, 100).getBytes(UTF_8));
    harness.start();
    harness.settle();
    List<String> expected = numbered("a", 0, 10);
    expected.addAll(numbered("b", 0, 100));
    assertThat(bodies()).isEqualTo(expected);
  }

  @Test
  void aSymbolicLinkIsFollowedWhenItIsSwappedAndBack() throws IOException {
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    Path link = harness.file("app.log");
    TailerHarness.append(first, "a1\n");
    TailerHarness.append(second, "b1\n");
    Files.createSymbolicLink(link, first);
    harness.start();
    harness.settle();
    swap(link, second);
    harness.pass(Duration.ofMinutes(5));
    TailerHarness.append(first, "a2\n");
    swap(link, first);
    harness.settle();
    assertThat(bodies()).containsExactly("a1", "b1", "a2");
  }

  private static void swap(Path link, Path target) throws IOException {
    Path aside = link.resolveSibling("aside");
    Files.createSymbolicLink(aside, target);
    Files.move(aside, link, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aFileWithTwoMatchingNamesIsReadOnce() throws IOException {
    harness.append("app.log", "one\n");
    Files.createLink(harness.file("app.log.link"), harness.file("app.log"));
    Files.createSymbolicLink(harness.file("app.log.soft"), harness.file("app.log"));
    harness.start();
    harness.settle();
    harness.append("app.log", "two\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two");
  }

  // Many files.

  @Test
  void twoThousandFilesAreFollowedWithFewHandles() {
    harness.maxOpenFiles = 50;
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      harness.append("app.log." + i, "a" + i + "\n");
      expected.add("a" + i);
    }
    harness.start();
    harness.pass(Duration.ofSeconds(20));
    for (int i = 0; i < 2000; i++) {
      harness.append("app.log." + i, "b" + i + "\n");
      expected.add("b" + i);
    }
    harness.pass(Duration.ofSeconds(20));
    assertSameLines(expected);
    assertThat(harness.metrics.value("FilesFollowed")).isEqualTo(2000);
    assertThat(harness.metrics.value("FilesOpen")).isLessThanOrEqualTo(50);
    assertThat(harness.metrics.value("BytesBehind")).isZero();
  }

  @Test
  void idleFilesAreClosedAndReadOnWhenTheyGrow() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    assertThat(harness.metrics.value("FilesOpen")).isZero();
    harness.append("app.log", "two\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two");
    assertThat(harness.metrics.value("FilesOpen")).isEqualTo(1);
  }

  @Test
  void aDirectoryThatIsMissingIsPickedUpWhenItAppears() throws IOException {
    Path late = temporary.resolve("late");
    harness.groups.put("late", late + "/.*");
    harness.skipToEnd = true;
    harness.append("app.log", "old\n");
    harness.start();
    harness.settle();
    Files.createDirectory(late);
    TailerHarness.append(late.resolve("x"), "one\n");
    harness.append("app.log", "two\n");
    harness.settle();
    assertThat(bodies()).containsExactlyInAnyOrder("one", "two");
  }

  @Test
  void withoutTrustInDirectoryTimesNewFilesAreStillFound() {
    harness.cachePatternMatching = false;
    harness.start();
    harness.settle();
    harness.append("app.log", "one\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one");
  }

  // Failures.

  @Test
  void refusedLinesAreTriedAgainAndNoneIsSkippedOrRepeated() {
    harness.batchSize = 1;
    harness.append("app.log", lines("a", 0, 100));
    harness.output.hold();
    harness.start();
    harness.pass(Duration.ofMillis(100));
    for (ToyOutput.Pending pending : harness.output.pending()) {
      pending.fail(new ChannelFullException("full"));
    }
    harness.pass(Duration.ofMillis(50));
    harness.output.release();
    harness.pass(Duration.ofSeconds(30));
    assertThat(bodies()).isEqualTo(numbered("a", 0, 100));
    assertThat(harness.metrics.value("ChannelWriteFail")).isEqualTo(Tailer.MAX_BATCHES_IN_FLIGHT);
    assertThat(harness.metrics.value("AppendBatchAcceptedCount")).isEqualTo(100);
  }

  @Test
  void ofARejectedBatchOnlyTheLinesThatAreRejectedAloneAreSkippedAndCounted() {
    harness.batchSize = 2;
    harness.append("app.log", "a\nb\nc\nd\n");
    harness.output.hold();
    harness.start();
    harness.pass(Duration.ofMillis(100));
    harness.output.pending().get(0).fail(new RejectedException("never"));
    harness.pass(Duration.ofMillis(100));
    // Under way: c and d, then a and b one by one.
    assertThat(harness.output.pending()).hasSize(3);
    harness.output.pending().get(1).fail(new RejectedException("never"));
    harness.output.release();
    harness.settle();
    assertThat(bodies()).containsExactly("c", "d", "b");
    assertThat(harness.metrics.value("EventsRejected")).isEqualTo(1);
    harness.start();
    harness.settle();
    assertThat(bodies()).as("the position is behind them").containsExactly("c", "d", "b");
  }

  @Test
  void anUnreadableFileIsCountedTheOthersGoOnAndItIsReadWhenItCan() {
    boolean[] isDenied = {true};
    harness.access =
        new ForwardingFiles(harness.access) {
          @Override
          public OpenedFile open(Path path) throws IOException {
            if (isDenied[0] && path.endsWith("app.log.secret")) {
              throw new AccessDeniedException(path.toString());
            }
            return super.open(path);
          }
        };
    harness.append("app.log.secret", "hidden\n");
    harness.append("app.log", "open\n");
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("open");
    assertThat(harness.metrics.value("EventReadFail")).isPositive();
    isDenied[0] = false;
    harness.settle();
    assertThat(bodies()).containsExactly("open", "hidden");
  }

  @Test
  void aFailingReadIsTriedAgainAndLosesNothing() {
    int[] reads = {0};
    harness.access =
        new ForwardingFiles(harness.access) {
          @Override
          int read(OpenedFile file, java.nio.ByteBuffer target, long position) throws IOException {
            if (++reads[0] % 3 == 0) {
              throw new IOException("Input/output error");
            }
            return super.read(file, target, position);
          }
        };
    harness.append("app.log", lines("a", 0, 100_000));
    harness.append("app.log.1", lines("b", 0, 100_000));
    harness.start();
    harness.pass(Duration.ofMinutes(1));
    harness.delete("app.log.1");
    harness.pass(Duration.ofMinutes(1));
    List<String> expected = numbered("a", 0, 100_000);
    expected.addAll(numbered("b", 0, 100_000));
    assertSameLines(expected);
  }

  @Test
  void aPathThatLeadsToAnotherFileWhenItIsOpenedIsNotReadAtTheOldPosition() {
    boolean[] isSwapped = {false};
    harness.access =
        new ForwardingFiles(harness.access) {
          @Override
          public OpenedFile open(Path path) throws IOException {
            if (isSwapped[0] && path.endsWith("app.log")) {
              isSwapped[0] = false;
              harness.rename("app.log", "app.log.1");
              harness.append("app.log", lines("new", 0, 100));
            }
            return super.open(path);
          }
        };
    harness.append("app.log", "one\n");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    harness.append("app.log", "two\n");
    isSwapped[0] = true;
    harness.settle();
    List<String> expected = new ArrayList<>(List.of("one", "two"));
    expected.addAll(numbered("new", 0, 100));
    assertSameLines(expected);
  }
}
