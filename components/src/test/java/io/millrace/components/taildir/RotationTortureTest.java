/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.components.testing.ToyOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Writers append numbered lines while logs are rotated in every way, channels refuse and the source
 * is stopped and started; driven turn by turn from a seed. The oracle: every line came exactly
 * once, and those of one writer in order unless a channel refused. With crashes: at least once.
 */
class RotationTortureTest {
  /** Eight blocks: 160 seeds in an ordinary build. */
  private static final int SEEDS_PER_BLOCK = Integer.getInteger("millrace.torture.seeds", 20);

  private static final int STEPS = 60;
  private static final int WRITERS = 3;
  private static final Duration MAX_LOOK_PAUSE = Duration.ofMillis(5300);

  @TempDir Path temporary;

  private enum Mode {
    CALM,
    REFUSING,
    CRASHING
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void noLineIsLostOrRepeatedThroughAnyRotation(int block) {
    run(block, Mode.CALM);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void noLineIsLostOrRepeatedWhenChannelsRefuse(int block) {
    run(block, Mode.REFUSING);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7})
  void noLineIsLostThroughCrashes(int block) {
    run(block, Mode.CRASHING);
  }

  private void run(int block, Mode mode) {
    for (int i = 0; i < SEEDS_PER_BLOCK; i++) {
      long seed = block * 1000L + i;
      new Run(seed, mode, temporary.resolve("seed-" + seed)).go();
    }
  }

  /** One run of one seed. */
  private static final class Run {
    private final long seed;
    private final Mode mode;
    private final Random random;
    private final TailerHarness harness;
    private final List<String> written = new ArrayList<>();
    private final List<String> journal = new ArrayList<>();
    private final int[] counts = new int[WRITERS];
    private final long[] createdNanos = new long[WRITERS];
    private int renamedOut;

    Run(long seed, Mode mode, Path directory) {
      this.seed = seed;
      this.mode = mode;
      this.random = new Random(seed);
      this.harness = new TailerHarness(directory);
      harness.batchSize = 1 + random.nextInt(20);
      harness.maxOpenFiles = 2 + random.nextInt(20);
      harness.cachePatternMatching = random.nextBoolean();
      harness.groups.clear();
      harness.groups.put("g", harness.directory + "/w[0-9]\\.log.*");
    }

    void go() {
      harness.start();
      for (int step = 0; step < STEPS; step++) {
        step();
      }
      harness.output.release();
      harness.pass(Duration.ofMinutes(1));
      harness.pass(Duration.ofMinutes(5));
      harness.stop();
      check();
    }

    private void step() {
      int writer = random.nextInt(WRITERS);
      String name = "w" + writer + ".log";
      switch (random.nextInt(12)) {
        case 0, 1, 2, 3 -> append(writer, name);
        case 4, 5 -> pass(random.nextInt(400));
        case 6 -> pass(random.nextInt(10_000));
        case 7 -> rotate(writer, name);
        case 8 -> {
          if (Files.exists(harness.file(name))) {
            renameOut(name, writer);
          }
        }
        case 9 -> {
          catchUp();
          if (Files.exists(harness.file(name))) {
            note("truncate " + name);
            harness.truncate(name);
            createdNanos[writer] = harness.nanoTime();
            append(writer, name);
          }
        }
        case 10 -> {
          catchUp();
          delete(writer);
        }
        default -> disturb();
      }
    }

    private void append(int writer, String name) {
      int lines = 1 + random.nextInt(random.nextInt(10) == 0 ? 2000 : 20);
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < lines; i++) {
        String line = writer + ":" + counts[writer]++ + ":" + "x".repeat(random.nextInt(60));
        written.add(line);
        text.append(line).append('\n');
      }
      note("append " + lines + " to " + name);
      if (!Files.exists(harness.file(name))) {
        createdNanos[writer] = harness.nanoTime();
      }
      int cut = random.nextInt(text.length());
      harness.append(name, text.substring(0, cut));
      if (random.nextInt(3) == 0) {
        pass(random.nextInt(300));
      }
      harness.append(name, text.substring(cut));
    }

    private void rotate(int writer, String name) {
      note("rotate " + name);
      for (int i = 4; i >= 1; i--) {
        if (Files.exists(harness.file(name + "." + i))) {
          if (i == 4) {
            renameOut(name + "." + i, writer);
          } else {
            harness.rename(name + "." + i, name + "." + (i + 1));
          }
          if (random.nextInt(4) == 0) {
            pass(random.nextInt(200));
          }
        }
      }
      if (Files.exists(harness.file(name))) {
        harness.rename(name, name + ".1");
      }
    }

    /** A file that never had a followed name when somebody looked is no file of the group. */
    private void renameOut(String name, int writer) {
      long ageNanos = harness.nanoTime() - createdNanos[writer];
      if (ageNanos < MAX_LOOK_PAUSE.toNanos()) {
        note("look");
        harness.pass(MAX_LOOK_PAUSE);
      }
      note("rename out " + name);
      harness.rename(name, "old-" + writer + "-" + renamedOut++);
    }

    /** Frees an inode, for the next file to take. */
    private void delete(int writer) {
      try (var names = Files.list(harness.directory)) {
        List<Path> own =
            names.filter(path -> path.getFileName().toString().startsWith("w" + writer)).toList();
        for (Path path : own) {
          if (random.nextBoolean()) {
            note("delete " + path.getFileName());
            Files.delete(path);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void disturb() {
      switch (mode) {
        case CALM -> {
          if (random.nextInt(3) == 0) {
            note("stop and start");
            harness.stop();
            harness.start();
          } else {
            note("long idle");
            harness.pass(Duration.ofMinutes(3));
          }
        }
        case REFUSING -> {
          note("refuse");
          harness.output.hold();
          pass(random.nextInt(3000));
          for (ToyOutput.Pending pending : harness.output.pending()) {
            if (random.nextBoolean()) {
              pending.fail(new ChannelFullException("full"));
            } else if (random.nextBoolean()) {
              pending.accept();
            }
          }
          pass(random.nextInt(3000));
          harness.output.release();
        }
        case CRASHING -> {
          note("crash");
          harness.start();
        }
      }
    }

    private void pass(int millis) {
      note("pass " + millis);
      harness.pass(Duration.ofMillis(millis));
    }

    /** What is destroyed before it was seen is lost to anyone. */
    private void catchUp() {
      harness.output.release();
      note("catch up");
      harness.pass(Duration.ofSeconds(20));
    }

    private void note(String what) {
      journal.add(what);
    }

    private void check() {
      List<String> bodies = harness.output.bodies();
      Map<String, Integer> surplus = new TreeMap<>();
      bodies.forEach(line -> surplus.merge(line, 1, Integer::sum));
      written.forEach(line -> surplus.merge(line, -1, Integer::sum));
      surplus.values().removeIf(count -> count == 0 || (mode == Mode.CRASHING && count > 0));
      surplus.keySet().removeIf(line -> mode == Mode.CRASHING && !written.contains(line));
      assertThat(surplus).as("seed %s: surplus (+) and lost (-): %s", seed, journal).isEmpty();
      if (mode == Mode.CALM) {
        checkOrder(bodies);
      }
    }

    private void checkOrder(List<String> bodies) {
      Map<String, Integer> last = new HashMap<>();
      for (String body : bodies) {
        String[] parts = body.split(":");
        int number = Integer.parseInt(parts[1]);
        Integer previous = last.put(parts[0], number);
        assertThat(previous == null || previous < number)
            .as("seed %s: %s after %s: %s", seed, body, previous, journal)
            .isTrue();
      }
    }
  }
}
