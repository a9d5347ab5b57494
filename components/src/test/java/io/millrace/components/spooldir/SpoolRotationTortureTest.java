/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files come in every way, and the source is killed at random moments. */
class SpoolRotationTortureTest {
  private static final int ROUNDS = 150;

  @TempDir private Path temporary;

  // Every line of every file comes, and lines come again only after a kill, as many as were in
  // flight. Moves come from outside, so that nothing is seen half-way; endings vary.
  @Test
  void everyLineComesThroughKillsAndTwiceOnlyWhatWasInFlight() {
    long seed = Long.getLong("spool.torture.seed", System.nanoTime() & 0xffffff);
    System.out.println("SpoolRotationTortureTest: seed " + seed);
    Random random = new Random(seed);
    SpoolerHarness harness = new SpoolerHarness(temporary);
    harness.isRecursive = true;
    harness.batchSize = 7;
    harness.start();
    List<String> written = new ArrayList<>();
    int kills = 0;
    for (int round = 0; round < ROUNDS; round++) {
      int files = random.nextInt(4);
      for (int file = 0; file < files; file++) {
        write(harness, round + "-" + file, random, written);
      }
      if (random.nextInt(3) == 0) {
        harness.output.hold();
        harness.pass(Duration.ofMillis(random.nextInt(700)));
        var pending = harness.output.pending();
        for (int i = 0; i < random.nextInt(pending.size() + 1); i++) {
          pending.get(i).accept();
        }
        harness.pass(Duration.ofMillis(1));
        harness.output.release();
        if (random.nextBoolean()) {
          harness.start();
          kills++;
        }
      }
      harness.pass(Duration.ofMillis(random.nextInt(1500)));
    }
    harness.pass(Duration.ofSeconds(60));

    Map<String, Integer> counts = new HashMap<>();
    harness.output.bodies().forEach(body -> counts.merge(body, 1, Integer::sum));
    assertThat(counts.keySet()).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(written);
    int again = harness.output.bodies().size() - written.size();
    assertThat(again)
        .as("seed %d", seed)
        .isLessThanOrEqualTo(kills * Spooler.MAX_BATCHES_IN_FLIGHT * harness.batchSize);
    assertThat(harness.counted("FilesSetAside")).isZero();
    assertThat(harness.names()).allMatch(name -> name.endsWith(".COMPLETED"));
  }

  private static void write(
      SpoolerHarness harness, String name, Random random, List<String> written) {
    StringBuilder text = new StringBuilder();
    int lines = random.nextInt(random.nextInt(5) == 0 ? 2000 : 20);
    for (int line = 0; line < lines; line++) {
      String body = name + " " + line;
      written.add(body);
      text.append(body).append(line < lines - 1 || random.nextBoolean() ? "\n" : "");
    }
    byte[] bytes = text.toString().getBytes(UTF_8);
    String directory = random.nextInt(3) == 0 ? "sub" + random.nextInt(3) + "/" : "";
    if (random.nextInt(4) == 0) {
      harness.write(directory + name + ".zst", Zstd.compress(bytes));
    } else {
      harness.write(directory + name, bytes);
    }
  }

  // -Dspool.torture.files=100000 takes that many.
  @Test
  void manyFilesAreReadInBoundedMemory() {
    SpoolerHarness harness = new SpoolerHarness(temporary);
    int files = Integer.getInteger("spool.torture.files", 3_000);
    for (int i = 0; i < files; i++) {
      harness.write("d" + i % 100 + "/f" + i, i + "\n");
    }
    harness.isRecursive = true;
    System.gc();
    long heapBefore = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    long begin = System.nanoTime();
    harness.start();
    while (harness.output.events().size() < files) {
      harness.pass(Duration.ofSeconds(10));
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    System.gc();
    long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    System.out.printf(
        "%,d files in %.1f s, heap grew by %d MiB with their events%n",
        files, seconds, (heap - heapBefore) >> 20);

    assertThat(harness.output.events()).hasSize(files);
    assertThat(harness.names()).hasSize(files).allMatch(name -> name.endsWith(".COMPLETED"));
  }
}
