/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A sender that offers numbered events one run after the other, and each again until the source has
 * taken it over. Guarded by {@code this}.
 */
final class Offering implements AutoCloseable {
  private static final int RUN = 10;
  private static final long PAUSE_NANOS = 5_000_000;

  private final SourceFixture fixture;
  private final Set<String> offered = new HashSet<>();
  private final Set<String> owed = new HashSet<>();
  private final Thread thread;
  private volatile boolean isEnding;
  private volatile boolean isDone;

  /** Begins to offer the events {@code [from, to)}. */
  Offering(SourceFixture fixture, int from, int to) {
    this.fixture = fixture;
    thread = new Thread(() -> run(from, to), "offering");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(int from, int to) {
    for (int first = from; first < to && !isEnding; first += RUN) {
      List<String> rest = new ArrayList<>();
      for (int number = first; number < Math.min(first + RUN, to); number++) {
        rest.add(fixture.body(number));
      }
      do {
        rest.removeAll(offer(rest));
        // A sender's pace, and its pause before it tries again.
        LockSupport.parkNanos(PAUSE_NANOS);
      } while (!rest.isEmpty() && !isEnding && !fixture.isUnanswered());
    }
    isDone = true;
  }

  private Set<String> offer(List<String> bodies) {
    synchronized (this) {
      offered.addAll(bodies);
    }
    try {
      Set<String> taken = fixture.offer(List.copyOf(bodies));
      synchronized (this) {
        owed.addAll(taken);
      }
      return taken;
    } catch (IOException e) {
      return Set.of();
    }
  }

  boolean isDone() {
    return isDone;
  }

  synchronized Set<String> offered() {
    return new HashSet<>(offered);
  }

  /** What the source has taken over. */
  synchronized Set<String> owed() {
    return new HashSet<>(owed);
  }

  @Override
  public void close() throws InterruptedException {
    isEnding = true;
    thread.join(20_000);
  }
}
