/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static io.millrace.components.taildir.TailerHarness.lines;
import static io.millrace.components.taildir.TailerHarness.numbered;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.components.testing.ToyOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lines of a file become: events, headers, batches, and their order. */
class TailedLinesTest {
  @TempDir Path temporary;
  private TailerHarness harness;

  @BeforeEach
  void prepare() {
    harness = new TailerHarness(temporary);
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  @Test
  void linesEndAtLineFeedsOneReturnBeforeItIsRemovedAndEmptyLinesAreEvents() {
    harness.append("app.log", "one\r\n\ntwo\r\r\nth\rree\n\r\n");
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("one", "", "two\r", "th\rree", "");
  }

  @Test
  void aPartialLineWaitsForItsEnd() {
    harness.append("app.log", "one\ntw");
    harness.start();
    harness.settle();
    harness.append("app.log", "o");
    harness.settle();
    assertThat(bodies()).containsExactly("one");
    harness.append("app.log", "\n");
    harness.pass(Duration.ofMillis(250));
    assertThat(bodies()).containsExactly("one", "two");
  }

  @Test
  void aPartialLineIsDeliveredWhenIdleAndWhatFollowsIsAnEventOfItsOwn() {
    harness.append("app.log", "one\ntwo");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    assertThat(bodies()).containsExactly("one", "two");
    harness.append("app.log", " more\nthree\n");
    harness.settle();
    assertThat(bodies()).containsExactly("one", "two", " more", "three");
  }

  @Test
  void theEndOfALineThatWasDeliveredWithoutItIsNoEvent() {
    harness.append("app.log", "one");
    harness.append("app.log.b", "two");
    harness.start();
    harness.pass(Duration.ofMinutes(3));
    harness.append("app.log", "\nthree\n");
    harness.append("app.log.b", "\r\n\nfour\n");
    harness.settle();
    assertThat(bodies()).containsExactlyInAnyOrder("one", "two", "three", "", "four");
  }

  @Test
  void anOverlongLineIsCutAndCountedAndTheOthersAreWhole() {
    harness.maxLineBytes = 10;
    harness.append("app.log", "a\n0123456789\n0123456789ABC\n" + "x".repeat(600_000) + "\nb\n");
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("a", "0123456789", "0123456789", "xxxxxxxxxx", "b");
    assertThat(harness.metrics.value("LinesTruncated")).isEqualTo(2);
  }

  @Test
  void anOverlongLineThatComesInPiecesIsOneEvent() {
    harness.maxLineBytes = 300_000;
    harness.start();
    for (int i = 0; i < 10; i++) {
      harness.append("app.log", "y".repeat(100_000));
      harness.settle();
    }
    assertThat(bodies()).isEmpty();
    harness.append("app.log", "\nz\n");
    harness.settle();
    assertThat(bodies()).containsExactly("y".repeat(300_000), "z");
    assertThat(harness.metrics.value("LinesTruncated")).isEqualTo(1);
  }

  // A line may be as long as the file; a stop does not wait until it is passed over.
  @Test
  void aStopEndsTheSearchForTheEndOfALine() {
    harness.maxLineBytes = 1000;
    long[] bytesRead = {0};
    harness.access =
        new ForwardingFiles(harness.access) {
          @Override
          int read(OpenedFile file, ByteBuffer target, long position) throws IOException {
            int read = super.read(file, target, position);
            bytesRead[0] += read;
            harness.isStopping = bytesRead[0] > 1 << 20;
            return read;
          }
        };
    harness.append("app.log", "a\n" + "x".repeat(16 << 20) + "\nb\n");
    harness.start();
    harness.tailer.turn();

    assertThat(bytesRead[0]).isLessThan(2 << 20);
    harness.stop();
    assertThat(harness.metrics.value("EventReadFail")).isZero();
    harness.access = new LocalFiles();
    harness.isStopping = false;
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("a", "x".repeat(1000), "b");
  }

  @Test
  void longLinesUpToTheLimitAreWhole() {
    String longest = "z".repeat(1 << 20);
    harness.append("app.log", "a\n" + longest + "\r\nb\n" + longest + "\nc\n");
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("a", longest, "b", longest, "c");
    assertThat(harness.metrics.value("LinesTruncated")).isZero();
  }

  @Test
  void aLineThatFitsNoBatchIsCutToFit() {
    harness.output.maxBatchBytes(10_000);
    harness.headers.put("g.k", "v".repeat(500));
    harness.append("app.log", "x".repeat(20_000) + "\nnext\n");
    harness.start();
    harness.output.hold();
    harness.settle();
    for (ToyOutput.Pending pending : harness.output.pending()) {
      assertThat(pending.batch().encodedBytes()).isLessThanOrEqualTo(10_000);
    }
    harness.output.release();
    assertThat(bodies()).hasSize(2).endsWith("next");
  }

  @Test
  void bytesThatAreNoTextPassUnchanged() throws IOException {
    byte[] bytes = {(byte) 0xFF, (byte) 0xC3, 0, 1, '\n'};
    Files.write(harness.file("app.log"), bytes);
    harness.output.hold();
    harness.start();
    harness.settle();
    assertThat(harness.output.pending().get(0).batch().iterator().next().body())
        .containsExactly(0xFF, 0xC3, 0, 1);
  }

  // Headers, batches, order.

  @Test
  void headersOfTheGroupTheFileAndTheOffsetAreSet() {
    harness.headers.put("g.env", "prod");
    harness.headers.put("g.a.b", "dotted");
    harness.headers.put("other.env", "none");
    harness.fileHeader = true;
    harness.byteOffsetHeader = true;
    harness.append("app.log", "one\ntwo\n");
    harness.start();
    harness.settle();
    String path = harness.file("app.log").toString();
    assertThat(harness.output.events())
        .containsExactly(
            new ToyOutput.Event(
                Map.of("env", "prod", "a.b", "dotted", "file", path, "byteoffset", "0"), "one"),
            new ToyOutput.Event(
                Map.of("env", "prod", "a.b", "dotted", "file", path, "byteoffset", "4"), "two"));
  }

  @Test
  void batchesAreBoundedByEventsAndBytes() {
    harness.batchSize = 7;
    harness.append("app.log", lines("a", 0, 100));
    harness.start();
    harness.settle();
    assertThat(harness.output.largestBatchEvents()).isEqualTo(7);
    assertThat(bodies()).isEqualTo(numbered("a", 0, 100));
  }

  @Test
  void filesAreDrainedOldestFirst() throws IOException {
    harness.append("app.log", lines("new", 0, 500));
    harness.append("app.log.1", lines("old", 0, 500));
    Files.setLastModifiedTime(
        harness.file("app.log.1"), java.nio.file.attribute.FileTime.fromMillis(1000));
    harness.start();
    harness.settle();
    List<String> expected = numbered("old", 0, 500);
    expected.addAll(numbered("new", 0, 500));
    assertThat(bodies()).isEqualTo(expected);
  }

  @Test
  void maxBatchCountGivesTheNextFileItsTurn() {
    harness.batchSize = 10;
    harness.maxBatchCount = 2;
    harness.append("app.log.1", lines("a", 0, 40));
    harness.append("app.log.2", lines("b", 0, 40));
    harness.start();
    harness.settle();
    List<String> firsts = new ArrayList<>();
    for (int i = 0; i < 80; i += 20) {
      firsts.add(bodies().get(i));
    }
    assertThat(firsts).containsExactlyInAnyOrder("a0", "b0", "a20", "b20");
    assertThat(firsts.get(0).charAt(0)).isNotEqualTo(firsts.get(1).charAt(0));
  }

  @Test
  void onlyRegularFilesThatMatchWhollyAreFollowed() throws IOException {
    harness.append("myapp.log", "no\n");
    Files.createDirectory(harness.file("app.log.d"));
    harness.append("app.log", "yes\n");
    harness.start();
    harness.settle();
    assertThat(bodies()).containsExactly("yes");
  }

  @Test
  void newLinesOfAnOpenFileAreSeenWithinAQuarterOfASecond() {
    harness.append("app.log", "one\n");
    harness.start();
    harness.pass(Duration.ofSeconds(100));
    harness.append("app.log", "two\n");
    harness.pass(Duration.ofMillis(250));
    assertThat(bodies()).containsExactly("one", "two");
  }
}
