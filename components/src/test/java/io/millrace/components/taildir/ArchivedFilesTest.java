/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.millrace.components.content.FileContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are compressed when they are rotated: each line comes once. */
class ArchivedFilesTest {
  private static final int LONG = 200_000;

  @TempDir private Path temporary;

  private TailerHarness harness;

  @BeforeEach
  void harness() {
    harness = new TailerHarness(temporary);
  }

  private static String lines(int from, int to) {
    StringBuilder text = new StringBuilder();
    IntStream.range(from, to).forEach(i -> text.append("line ").append(i).append('\n'));
    return text.toString();
  }

  private static List<String> expected(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "line " + i).toList();
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  /** As gzip does it: the packed file is there first, then the other one goes. */
  private void compress(String name) throws IOException {
    Files.write(harness.file(name + ".gz"), gzip(Files.readAllBytes(harness.file(name))));
    Files.delete(harness.file(name));
  }

  private List<String> bodies() {
    return harness.output.bodies();
  }

  @Test
  void aCompressedFileThatNobodyReadBeforeIsReadOnce() throws IOException {
    Files.write(harness.file("app.log.1.gz"), gzip(lines(0, 5000).getBytes(UTF_8)));
    Files.write(harness.file("app.log.2.zst"), Zstd.compress(lines(5000, 5100).getBytes(UTF_8)));
    Files.writeString(harness.file("app.log.3.gz"), "not packed\n");
    harness.start();
    harness.settle();
    harness.stop();
    harness.start();
    harness.settle();

    List<String> all = new ArrayList<>(expected(0, 5100));
    all.add("not packed");
    assertThat(bodies()).containsExactlyInAnyOrderElementsOf(all);
  }

  @Test
  void whatWasReadBeforeItWasCompressedIsNotReadAgain() throws IOException {
    harness.append("app.log", lines(0, 3000));
    harness.start();
    harness.settle();
    harness.rename("app.log", "app.log.1");
    harness.append("app.log", lines(3000, 3010));
    harness.settle();
    compress("app.log.1");
    harness.settle();
    harness.rename("app.log.1.gz", "app.log.2.gz");
    harness.append("app.log", lines(3010, 3020));
    harness.settle();
    harness.stop();
    harness.start();
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(0, 3020));
  }

  @Test
  void aFileCompressedWhileNobodyLookedGoesOnWhereItWas() throws IOException {
    harness.append("app.log", lines(0, 3000));
    harness.start();
    harness.settle();
    harness.stop();
    harness.append("app.log", lines(3000, 5000));
    harness.rename("app.log", "app.log.1");
    compress("app.log.1");
    harness.append("app.log", lines(5000, 5001));
    harness.start();
    harness.settle();

    assertThat(bodies()).containsExactlyInAnyOrderElementsOf(expected(0, 5001));
  }

  @Test
  void aFileIsNotReadBeforeItIsWholeAndItsOriginalIsGone() throws IOException {
    harness.append("app.log.1", lines(0, 3000));
    byte[] whole = gzip(lines(0, 3000).getBytes(UTF_8));
    Files.write(harness.file("app.log.1.gz"), Arrays.copyOf(whole, whole.length / 2));
    harness.start();
    harness.settle();
    Files.write(harness.file("app.log.1.gz"), whole);
    harness.settle();
    harness.delete("app.log.1");
    harness.settle();
    Files.write(harness.file("app.log.2.gz"), Arrays.copyOf(whole, whole.length / 3));
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(0, 3000));
  }

  @Test
  void compressedCopiesOfATruncatedFileAreNotReadAgain() throws IOException {
    harness.append("app.log", lines(0, 3000));
    harness.start();
    harness.settle();
    Files.write(harness.file("app.log.1.gz"), gzip(Files.readAllBytes(harness.file("app.log"))));
    harness.truncate("app.log");
    harness.append("app.log", lines(3000, 3001));
    harness.settle();
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(0, 3001));
  }

  @Test
  void reachingBackInABigFileFindsTheLines() throws IOException {
    // Long lines make the reader step back further than one block.
    StringBuilder text = new StringBuilder();
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String line = i + "x".repeat(i % 3 == 0 ? 700_000 : 90_000);
      all.add(line);
      text.append(line).append('\n');
    }
    Files.write(harness.file("app.log.1.gz"), gzip(text.toString().getBytes(UTF_8)));
    harness.start();
    harness.settle();

    assertThat(bodies()).isEqualTo(all);
  }

  @Test
  void followingFromTheEndLeavesOutWhatIsCompressedAlready() throws IOException {
    harness.skipToEnd = true;
    Files.write(harness.file("app.log.1.gz"), gzip(lines(0, 30).getBytes(UTF_8)));
    harness.start();
    harness.settle();
    harness.append("app.log", lines(30, 40));
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(30, 40));
  }

  // Its inode is that of a file which the first scan had no time for.
  @Test
  void aCompressedFileThatComesLaterIsReadThoughItsInodeWasSeenAtTheStart() throws IOException {
    harness.skipToEnd = true;
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    Files.write(harness.file("app.log.2.gz"), gzip(lines(0, 30).getBytes(UTF_8)));
    harness.nanosPerLook = ArchivedFiles.SCAN_NANOS / 10;
    harness.start();
    harness.tailer.turn();
    harness.rename("app.log.2.gz", "app.log.3.gz");
    Files.write(harness.file("app.log.3.gz"), gzip(lines(30, 70).getBytes(UTF_8)));
    harness.pass(Duration.ofMinutes(20));

    assertThat(bodies()).isEqualTo(expected(30, 70));
  }

  // 20 MiB and a clock that runs: one scan has not the time for it.
  @Test
  void aLongFileIsInflatedBitByBitAndOthersAreReadMeanwhile() throws IOException {
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    harness.append("app.log", lines(0, 100));
    harness.nanosPerLook = ArchivedFiles.SCAN_NANOS / 10;
    harness.start();
    harness.tailer.turn();
    harness.tailer.turn();

    assertThat(bodies()).isEqualTo(expected(0, 100));
    harness.append("app.log", lines(100, 200));
    harness.pass(Duration.ofMinutes(20));
    assertThat(bodies()).startsWith(expected(0, 200).toArray(String[]::new)).hasSize(200 + LONG);
    harness.stop();
    harness.start();
    harness.pass(Duration.ofMinutes(20));
    assertThat(bodies()).hasSize(200 + LONG);
  }

  @Test
  void aFileThatIsRenamedWhileItIsInflatedIsReadOnce() throws IOException {
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    harness.nanosPerLook = ArchivedFiles.SCAN_NANOS / 10;
    harness.start();
    harness.tailer.turn();
    harness.rename("app.log.1.gz", "app.log.2.gz");
    harness.pass(Duration.ofMinutes(20));

    assertThat(bodies()).hasSize(LONG).doesNotHaveDuplicates();
  }

  @Test
  void aStopEndsInflatingAndTheNextRunReadsTheFileOnce() throws IOException {
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    harness.isStopping = true;
    harness.start();
    harness.tailer.turn();

    // It would be followed if all of it had been inflated.
    assertThat(harness.metrics.value("FilesFollowed")).isZero();
    assertThat(bodies()).isEmpty();
    harness.stop();
    harness.isStopping = false;
    harness.start();
    harness.pass(Duration.ofMinutes(1));
    assertThat(bodies()).hasSize(LONG).doesNotHaveDuplicates();
  }

  // The inode of what was read has another file, and no time is left for the compressed one.
  @Test
  void aCompressedFileIsKnownThoughItsInodeWasTakenBeforeItWasItsTurn() throws IOException {
    harness.append("app.log", lines(0, 3000));
    harness.start();
    harness.settle();
    harness.stop();
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    Files.write(harness.file("app.log.2.gz"), gzip(lines(0, 3000).getBytes(UTF_8)));
    harness.truncate("app.log");
    harness.append("app.log", lines(3000, 3001));
    harness.nanosPerLook = ArchivedFiles.SCAN_NANOS / 10;
    harness.start();
    harness.pass(Duration.ofMinutes(20));

    assertThat(bodies()).hasSize(3001 + LONG).doesNotHaveDuplicates();
  }

  @Test
  void positionsOfCompressedFilesAreKeptUntilItIsTheirTurn() throws IOException {
    Files.write(harness.file("app.log.2.gz"), gzip(lines(0, 3000).getBytes(UTF_8)));
    harness.start();
    harness.settle();
    harness.stop();
    List<Position> positions = new ArrayList<>(harness.positionFile.load().positions());
    for (int i = 0; i < Remembered.MAX_LOADED; i++) {
      // Above every inode that there is.
      positions.add(new Position(Long.MAX_VALUE - i, 5, harness.file("gone" + i), Mark.UNKNOWN));
    }
    harness.positionFile.save(positions);
    Files.write(harness.file("app.log.1.gz"), gzip(longLines().getBytes(UTF_8)));
    harness.nanosPerLook = ArchivedFiles.SCAN_NANOS / 10;
    harness.start();
    harness.pass(Duration.ofMinutes(20));

    assertThat(bodies()).hasSize(3000 + LONG).doesNotHaveDuplicates();
    assertThat(harness.metrics.value("PositionsForgotten")).isZero();
  }

  @Test
  void aFileThatInflatesWithoutEndIsLeftOutAndThatIsSaid() throws IOException {
    byte[] zeros = new byte[1 << 20];
    try (OutputStream bomb =
        new ZstdOutputStream(Files.newOutputStream(harness.file("app.log.1.zst")))) {
      for (long size = 0; size <= FileContent.MAX_UNSUSPECTED_BYTES; size += zeros.length) {
        bomb.write(zeros);
      }
    }
    harness.append("app.log", lines(0, 10));
    harness.start();
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(0, 10));
    assertThat(harness.metrics.value("EventReadFail")).isOne();
  }

  @Test
  void ofAFileThatStaysCutShortItIsSaidOnce() throws IOException {
    byte[] whole = gzip(lines(0, 3000).getBytes(UTF_8));
    Files.write(harness.file("app.log.1.gz"), Arrays.copyOf(whole, whole.length / 2));
    harness.start();
    harness.settle();
    assertThat(harness.metrics.value("EventReadFail")).isZero();

    harness.pass(Duration.ofMinutes(30));
    assertThat(harness.metrics.value("EventReadFail")).isOne();
    Files.write(harness.file("app.log.1.gz"), whole);
    harness.settle();
    assertThat(bodies()).isEqualTo(expected(0, 3000));
  }

  // To look at the bytes before its end would inflate all of it again, within one turn.
  @Test
  void whatWasReadIsNotOpenedAgainByAStartNorByARotation() throws IOException {
    Files.write(harness.file("app.log.1.gz"), gzip(lines(0, 3000).getBytes(UTF_8)));
    harness.start();
    harness.settle();
    harness.stop();
    harness.start();
    harness.settle();
    assertThat(harness.metrics.value("FilesFollowed")).isOne();
    assertThat(harness.metrics.value("FilesOpen")).isZero();

    harness.rename("app.log.1.gz", "app.log.2.gz");
    harness.settle();
    assertThat(harness.metrics.value("FilesOpen")).isZero();
    assertThat(bodies()).isEqualTo(expected(0, 3000));
  }

  // Of the original something is in flight, and it is gone: what is packed waits for its end.
  @Test
  void aFileIsNotReadWhileWhatIsOpenOfItsOriginalIsUnread() throws IOException {
    harness.output.hold();
    harness.append("app.log.1", lines(0, 30_000));
    harness.start();
    harness.tailer.turn();
    compress("app.log.1");
    harness.pass(Duration.ofSeconds(20));
    harness.output.release();
    harness.settle();
    harness.settle();

    assertThat(bodies()).isEqualTo(expected(0, 30_000));
  }

  private static String longLines() {
    return IntStream.range(0, LONG)
        .mapToObj(
            i ->
                "a long line, so that the file is long, with the number "
                    + i
                    + "y".repeat(50)
                    + "\n")
        .collect(Collectors.joining());
  }
}
