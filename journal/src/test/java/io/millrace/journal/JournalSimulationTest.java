/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Thousands of seeded lives and crashes. {@code -Dmillrace.sim.seeds=N} runs N seeds, {@code
 * -Dmillrace.sim.seed=N} replays one.
 */
class JournalSimulationTest {
  private static final long FIRST_SEED = 1_000;
  private static final long SEEDS = Long.getLong("millrace.sim.seeds", 1_000);

  private static final long COPIES_SEEDS = Long.getLong("millrace.sim.copies.seeds", 300);

  private static final String ONE_COPY = "one copy";
  private static final String TWO_COPIES = "two copies";

  /** Of both kinds of run; a promise that is broken fails the test before it is published. */
  private static final SimulationReport REPORT = new SimulationReport();

  @AfterAll
  static void publishTheReport() throws IOException {
    REPORT.publish(List.of(ONE_COPY, TWO_COPIES));
  }

  @Test
  void everyPromiseHoldsThroughCrashesAndFaults() {
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
    REPORT.add(ONE_COPY, end - first, counts);
    assertThat(crashes).isGreaterThanOrEqualTo((int) (end - first));
  }

  @Test
  void everyPromiseHoldsWithTwoCopiesThoughEitherIsLostAgainAndAgain() {
    Long only = Long.getLong("millrace.sim.copies.seed");
    long first = only == null ? FIRST_SEED : only;
    long end = only == null ? FIRST_SEED + COPIES_SEEDS : only + 1;
    long startNanos = System.nanoTime();
    Map<String, Integer> events = new TreeMap<>();
    Map<String, Long> counts = new TreeMap<>();
    int crashes = 0;
    for (long seed = first; seed < end; seed++) {
      JournalSimulation simulation = new JournalSimulation(seed, 2);
      crashes += run(simulation, seed);
      simulation.eventCounts.forEach((kind, count) -> events.merge(kind, count, Integer::sum));
      simulation.counts.forEach((what, times) -> counts.merge(what, times, Long::sum));
    }
    events.forEach((kind, count) -> counts.put("said: " + kind, (long) count));
    REPORT.add(TWO_COPIES, end - first, counts);
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
