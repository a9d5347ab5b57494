/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Thousands of seeded lives and crashes. {@code -Dmillrace.sim.seeds=N} runs N seeds, {@code
 * -Dmillrace.sim.seed=N} replays one.
 */
class JournalSimulationTest {
  private static final long FIRST_SEED = 1_000;
  private static final long SEEDS = Long.getLong("millrace.sim.seeds", 1_000);

  private static final long COPIES_SEEDS = Long.getLong("millrace.sim.copies.seeds", 300);

  @Test
  void everyPromiseHoldsThroughCrashesAndFaults() throws IOException {
    Long only = Long.getLong("millrace.sim.seed");
    long first = only == null ? FIRST_SEED : only;
    long end = only == null ? FIRST_SEED + SEEDS : only + 1;
    long startNanos = System.nanoTime();
    int crashes = 0;
    Map<String, Long> counts = new TreeMap<>();
    for (long seed = first; seed < end; seed++) {
      JournalSimulation simulation = new JournalSimulation(seed);
      crashes += run(simulation, seed);
      simulation.counts.forEach((what, times) -> counts.merge(what, times, Long::sum));
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    System.out.printf("%d seeds, %d ends of lives, %.1f s%n", end - first, crashes, seconds);
    counts.put("seeds", end - first);
    writeTotals(counts, seconds);
    assertThat(crashes).isGreaterThanOrEqualTo((int) (end - first));
  }

  @Test
  void everyPromiseHoldsWithTwoCopiesThoughEitherIsLostAgainAndAgain() {
    Long only = Long.getLong("millrace.sim.copies.seed");
    long first = only == null ? FIRST_SEED : only;
    long end = only == null ? FIRST_SEED + COPIES_SEEDS : only + 1;
    long startNanos = System.nanoTime();
    Map<String, Integer> events = new TreeMap<>();
    int crashes = 0;
    for (long seed = first; seed < end; seed++) {
      JournalSimulation simulation = new JournalSimulation(seed, 2);
      crashes += run(simulation, seed);
      simulation.eventCounts.forEach((kind, count) -> events.merge(kind, count, Integer::sum));
    }
    System.out.printf(
        "two copies: %d seeds, %d ends of lives, %s, %.1f s%n",
        end - first, crashes, events, (System.nanoTime() - startNanos) / 1e9);
    assertThat(crashes).isGreaterThanOrEqualTo((int) (end - first));
  }

  @Test
  void theSimulationNoticesADiskThatIgnoresSyncs() {
    assertThatThrownBy(
            () -> {
              for (long seed = FIRST_SEED; seed < FIRST_SEED + 100; seed++) {
                run(new JournalSimulation(seed).ignoringSyncs(), seed);
              }
            })
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("millrace.sim.seed");
  }

  /** For docs/reliability.md, whose figures are taken from runs. */
  private static void writeTotals(Map<String, Long> counts, double seconds) throws IOException {
    StringBuilder json = new StringBuilder("{\n");
    counts.forEach((what, times) -> json.append("  \"%s\": %d,\n".formatted(what, times)));
    json.append(String.format(Locale.ROOT, "  \"seconds\": %.1f\n}\n", seconds));
    Files.writeString(Files.createDirectories(Path.of("target")).resolve("simulation.json"), json);
  }

  private static int run(JournalSimulation simulation, long seed) {
    try {
      simulation.run();
      return simulation.endCount;
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError(
          "replay with -Dmillrace.sim.seed= or -Dmillrace.sim.copies.seed="
              + seed
              + ": "
              + e
              + "\n  "
              + simulation.transcript(),
          e);
    }
  }
}
