/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Writes to several logs at a steady rate and rotates each by renaming every few turns, one after
 * the other, on a thread of its own.
 */
final class Load implements AutoCloseable {
  private static final long TURN_MILLIS = 20;

  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(turn -> new Thread(turn, "load"));
  private final Future<?> turns;
  private long turn;

  private Load(List<LogWriter> writers, int linesPerTurn, int turnsPerRotation) {
    turns =
        scheduler.scheduleAtFixedRate(
            () -> turn(writers, linesPerTurn, turnsPerRotation),
            0,
            TURN_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to write {@code linesPerSecond} lines to each log.
   *
   * @param rotationSeconds how often each of them is rotated
   */
  static Load start(List<LogWriter> writers, int linesPerSecond, int rotationSeconds) {
    int linesPerTurn = Math.max(1, (int) (linesPerSecond * TURN_MILLIS / 1000));
    return new Load(writers, linesPerTurn, (int) (rotationSeconds * 1000L / TURN_MILLIS));
  }

  private void turn(List<LogWriter> writers, int linesPerTurn, int turnsPerRotation) {
    turn++;
    for (int i = 0; i < writers.size(); i++) {
      writers.get(i).append(linesPerTurn);
      // Not all at the same time.
      long phase = (long) i * turnsPerRotation / writers.size();
      if ((turn + phase) % turnsPerRotation == 0) {
        writers.get(i).rotateByRename();
      }
    }
  }

  /** Ends the writing; throws if a write failed. */
  @Override
  public void close() {
    if (turns.isDone()) {
      failBecauseItEndedEarly();
    }
    scheduler.shutdown();
    try {
      if (!scheduler.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The load did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void failBecauseItEndedEarly() {
    scheduler.shutdownNow();
    try {
      turns.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The load ended early", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
