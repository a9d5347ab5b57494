/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;

/**
 * What was written beside what is stored. Lost: written and not stored. Invented: stored and never
 * written. Duplicates: what is stored beyond once. Immutable.
 */
record Audit(
    int written, int stored, int lost, int invented, int duplicates, List<String> examples) {
  private static final int MAX_EXAMPLES = 12;

  static Audit of(Ledger ledger, Store store) {
    return of(ledger.lines(), store);
  }

  /** Waits until every line written is stored; fails with what is missing. */
  static void awaitAllStored(Ledger ledger, Path store, Duration limit) {
    try {
      Conditions.await(
          "every line written is stored",
          limit,
          Duration.ofMillis(500),
          () -> Store.of(store).distinctLineCount() >= ledger.lineCount());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "Not every line written is stored after " + limit + ": " + of(ledger, Store.of(store)),
          e);
    }
  }

  static Audit of(Set<String> written, Store store) {
    List<String> examples = new ArrayList<>();
    List<String> lost = written.stream().filter(l -> !store.lines().containsKey(l)).toList();
    List<String> invented =
        store.lines().keySet().stream().filter(line -> !written.contains(line)).toList();
    List<String> repeated =
        store.lines().keySet().stream().filter(line -> store.lines().get(line) > 1).toList();
    describe("lost", lost, examples);
    describe("invented", invented, examples);
    describe("repeated", repeated, examples);
    int duplicates = store.lineCount() - store.distinctLineCount();
    return new Audit(
        written.size(), store.lineCount(), lost.size(), invented.size(), duplicates, examples);
  }

  private static void describe(String kind, Collection<String> lines, List<String> examples) {
    lines.stream()
        .sorted()
        .limit(MAX_EXAMPLES)
        .map(line -> kind + ": " + line)
        .forEach(examples::add);
  }

  Audit assertNothingLostOrInvented() {
    assertThat(List.of(lost, invented)).as("lost and invented lines: %s", this).containsOnly(0);
    return this;
  }

  Audit assertNothingInvented() {
    assertThat(invented).as("invented lines: %s", this).isZero();
    return this;
  }

  Audit assertNothingTwice() {
    assertThat(duplicates).as("duplicates: %s", this).isZero();
    return this;
  }

  Audit assertExactlyOnce() {
    return assertNothingLostOrInvented().assertNothingTwice();
  }

  /** The figures in one line. */
  String summary() {
    return "written %d, stored %d, lost %d, invented %d, duplicates %d"
        .formatted(written, stored, lost, invented, duplicates);
  }

  @Override
  public String toString() {
    return summary() + "\n  " + String.join("\n  ", examples);
  }
}
