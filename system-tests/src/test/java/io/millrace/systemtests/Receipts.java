/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionTimeoutException;

/** What senders were told of each line: the oracle of a test. Guarded by {@code this}. */
final class Receipts {
  private static final Duration STANDSTILL = Duration.ofMillis(500);

  private final Map<Outcome, Set<String>> lines = new EnumMap<>(Outcome.class);
  private final Map<Outcome, Integer> batches = new EnumMap<>(Outcome.class);

  Receipts() {
    for (Outcome outcome : Outcome.values()) {
      lines.put(outcome, new HashSet<>());
      batches.put(outcome, 0);
    }
  }

  synchronized void note(Collection<String> batch, Outcome outcome) {
    lines.get(outcome).addAll(batch);
    batches.merge(outcome, 1, Integer::sum);
  }

  /** So many batches have had that outcome. */
  synchronized int batches(Outcome outcome) {
    return batches.get(outcome);
  }

  int acknowledgedBatches() {
    return batches(Outcome.ACKNOWLEDGED);
  }

  synchronized int lineCount(Outcome outcome) {
    return lines.get(outcome).size();
  }

  synchronized Set<String> lines(Outcome outcome) {
    return new HashSet<>(lines.get(outcome));
  }

  private Set<String> sent() {
    Set<String> sent = new HashSet<>();
    for (Outcome outcome : Outcome.values()) {
      sent.addAll(lines(outcome));
    }
    return sent;
  }

  /** Waits until batches are acknowledged that were sent from now on. */
  void awaitMoreAcknowledged(int more, Duration limit) {
    int now = acknowledgedBatches();
    Conditions.await(
        more + " more batches are acknowledged", limit, () -> acknowledgedBatches() >= now + more);
  }

  /** Waits until for a moment nothing more is acknowledged; how many batches are by then. */
  int awaitStandstill(Duration limit) {
    int[] last = {-1};
    Conditions.await(
        "nothing more is acknowledged",
        limit,
        STANDSTILL,
        () -> {
          int now = acknowledgedBatches();
          boolean isStill = now == last[0];
          last[0] = now;
          return isStill;
        });
    return last[0];
  }

  /** Waits until everything that was acknowledged is stored. */
  void awaitStored(Path store, Duration limit) {
    awaitStored(store, Set.of(), limit);
  }

  /**
   * @param given lines that the fault has cost and need not come
   */
  void awaitStored(Path store, Set<String> given, Duration limit) {
    Set<String> owed = lines(Outcome.ACKNOWLEDGED);
    owed.removeAll(given);
    try {
      Conditions.await(
          "everything acknowledged is stored",
          limit,
          Duration.ofMillis(250),
          () -> Store.of(store).lines().keySet().containsAll(owed));
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "Acknowledged and not stored after " + limit + ": " + Audit.of(owed, Store.of(store)), e);
    }
  }

  /**
   * Nothing lost, nothing corrupted or invented, nothing refused that is delivered all the same.
   */
  Audit check(Path store) {
    return check(store, Set.of());
  }

  /**
   * @param given lines that the fault must have cost, no more and no fewer
   */
  Audit check(Path store, Set<String> given) {
    Store stored = Store.of(store);
    Set<String> refused = lines(Outcome.REFUSED);
    Audit audit = Audit.of(lines(Outcome.ACKNOWLEDGED), stored);
    Scene.say(
        "acknowledged %d, refused %d, unanswered %d; stored %d, lost %d, duplicates %d"
            .formatted(
                lineCount(Outcome.ACKNOWLEDGED),
                refused.size(),
                lineCount(Outcome.UNANSWERED),
                stored.lineCount(),
                audit.lost(),
                audit.duplicates()));
    Set<String> lost = lines(Outcome.ACKNOWLEDGED);
    lost.removeAll(stored.lines().keySet());
    assertThat(lost).as("acknowledged and not stored").isEqualTo(given);
    Audit.of(sent(), stored).assertNothingInvented();
    List<String> delivered =
        stored.lines().keySet().stream().filter(refused::contains).limit(5).toList();
    assertThat(delivered).as("refused, and delivered all the same").isEmpty();
    return audit;
  }
}
