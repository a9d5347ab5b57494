/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compressed files of a spooling directory. */
class CompressedSpoolTest {
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

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  @Test
  void compressedFilesAreReadWhateverTheirNames() throws IOException {
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.write(gzip(lines(0, 3)));
    two.write(gzip(lines(3, 5)));
    harness.write("a.gz", two.toByteArray());
    harness.write("b", Zstd.compress(lines(5, 8).getBytes(UTF_8)));
    harness.write("c.gz", "plain\n");
    harness.start();
    harness.settle();

    List<String> all = new ArrayList<>(expected(0, 8));
    all.add("plain");
    assertThat(bodies()).isEqualTo(all);
  }

  @Test
  void readingGoesOnWithinACompressedFile() {
    harness.batchSize = 10;
    harness.write("a.gz", gzip(lines(0, 20_000)));
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).accept();
    harness.pass(Duration.ofMillis(1));
    harness.output.release();
    int before = harness.output.events().size();
    harness.start();
    harness.settle();

    assertThat(bodies().subList(before, bodies().size())).isEqualTo(expected(10, 20_000));
  }

  // What is before the position is inflated with the first read, which is where the stop comes.
  @Test
  void aStopWhileThePositionIsReachedIsNoFailure() {
    harness.batchSize = 10;
    harness.write("a.gz", gzip(lines(0, 20_000)));
    harness.start();
    harness.output.hold();
    harness.pass(Duration.ofMillis(1));
    harness.output.pending().get(0).accept();
    harness.pass(Duration.ofMillis(1));
    harness.output.release();
    int before = harness.output.events().size();
    AtomicInteger asked = new AtomicInteger();
    harness.stopRequested = () -> asked.incrementAndGet() > 1;
    harness.start();
    harness.spooler.turn();
    assertThat(asked).hasValueGreaterThan(1);
    assertThat(harness.output.events()).hasSize(before);
    assertThat(harness.counted("EventReadFail")).isZero();

    harness.stopRequested = () -> false;
    harness.start();
    harness.settle();
    assertThat(bodies().subList(before, bodies().size())).isEqualTo(expected(10, 20_000));
  }

  @Test
  void aCompressedFileThatIsCutShortIsSetAside() {
    byte[] whole = gzip(lines(0, 5000));
    byte[] zstd = Zstd.compress(lines(0, 5000).getBytes(UTF_8));
    harness.write("a.gz", java.util.Arrays.copyOf(whole, whole.length / 2));
    harness.write("b.zst", java.util.Arrays.copyOf(zstd, zstd.length - 5));
    harness.write("c", "c\n");
    harness.start();
    harness.settle();

    assertThat(harness.names()).containsExactly("a.gz.SET-ASIDE", "b.zst.SET-ASIDE", "c.COMPLETED");
    assertThat(bodies()).endsWith("c");
  }
}
