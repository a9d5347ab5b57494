/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.hosts.Reckoning.Marks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Follows the store on a thread of its own, and says when events get through again. The flow has
 * resumed when of every client an event that was made, sent and acknowledged afterwards is in the
 * store. Safe for many threads.
 */
final class FlowWatch implements AutoCloseable {
  /** How exact the times are. */
  private static final int LOOK_MILLIS = 20;

  /** What a client has behind it before the next fault comes. */
  private static final int STEADY_EVENTS = 100;

  private final Reckoning reckoning;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(turn -> new Thread(turn, "flow-watch"));
  private final Future<?> turns;

  FlowWatch(Path store, Reckoning reckoning) {
    this.reckoning = reckoning;
    StoreTail tail = new StoreTail(store, reckoning::stored);
    turns = thread.scheduleWithFixedDelay(tail::readOn, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Waits until the flow has resumed; how long that took since then. */
  Duration awaitResumed(String after, long sinceNanos, Duration limit) {
    Marks marks = reckoning.marks();
    return await("the flow resumes after " + after, marks, 1, sinceNanos, limit);
  }

  /** Waits until some events of every client have got through. */
  void awaitSteady(Duration limit) {
    await("all is well", reckoning.marks(), STEADY_EVENTS, System.nanoTime(), limit);
  }

  private Duration await(String what, Marks marks, int events, long sinceNanos, Duration limit) {
    try {
      Conditions.await(
          what,
          limit,
          Duration.ofMillis(LOOK_MILLIS),
          () -> {
            checkAlive();
            return reckoning.heldUpSince(marks, events).isEmpty();
          });
    } catch (ConditionTimeoutException e) {
      List<String> heldUp = reckoning.heldUpSince(marks, events);
      throw new AssertionError(
          "Not after %s: %s. Nothing new gets through from %s".formatted(limit, what, heldUp), e);
    }
    return Duration.ofNanos(System.nanoTime() - sinceNanos);
  }

  /** Waits until all that is acknowledged by now is stored. */
  void awaitCaughtUp(Duration limit) {
    Marks marks = reckoning.marks();
    try {
      Conditions.await(
          "all that is acknowledged is stored",
          limit,
          Duration.ofMillis(LOOK_MILLIS),
          () -> {
            checkAlive();
            return reckoning.owed(marks) == 0;
          });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "Acknowledged and not stored after %s: %d events, the first %s"
              .formatted(limit, reckoning.owed(marks), reckoning.examplesOfOwed()),
          e);
    }
  }

  private void checkAlive() throws InterruptedException, ExecutionException {
    if (turns.isDone()) {
      turns.get();
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The reading of the store did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
