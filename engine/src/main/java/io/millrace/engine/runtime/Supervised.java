/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Backoff;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One component's start and stop: waits for what it needs, tries again with back-off when its start
 * fails. Starting is confined to one thread at a time by the caller; a stop may come from another
 * meanwhile. Status changes are guarded by {@code this}; any thread may read it.
 */
final class Supervised {
  private static final Logger log = LoggerFactory.getLogger(Supervised.class);
  private static final Backoff BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

  /** Work that may fail in any way. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  private final ComponentMetrics metrics;
  private volatile List<Supervised> needs;
  private final Step start;
  private final Step stop;
  private final RandomGenerator random;
  private int failures;
  private long nextTryNanos;
  private boolean isStopping;
  private volatile ComponentStatus status;

  Supervised(
      ComponentMetrics metrics,
      List<Supervised> needs,
      Step start,
      Step stop,
      RandomGenerator random) {
    this.metrics = metrics;
    this.needs = needs;
    this.start = start;
    this.stop = stop;
    this.random = random;
    this.status = new ComponentStatus(metrics.key(), State.WAITING, "");
  }

  ComponentStatus status() {
    return status;
  }

  /** From its next turn on it waits for these. */
  void setNeeds(List<Supervised> others) {
    needs = List.copyOf(others);
  }

  boolean isRunning() {
    return status.state() == State.RUNNING;
  }

  /** Starts the component if it is due; a failure is said and kept for the next turn. */
  void turn(long nowNanos) {
    State state = status.state();
    if (state == State.RUNNING || state == State.STOPPED) {
      return;
    }
    if (state == State.RETRYING && nowNanos - nextTryNanos < 0) {
      return;
    }
    for (Supervised needed : needs) {
      if (!needed.isRunning()) {
        become(State.WAITING, "waits for " + needed.status.component());
        return;
      }
    }
    try {
      start.run();
    } catch (Exception e) {
      retryLater(e, nowNanos);
      return;
    }
    metrics.started(System.currentTimeMillis());
    if (failures > 0) {
      log.info("{} started, after {} failed tries", metrics.key(), failures);
    }
    failures = 0;
    if (!become(State.RUNNING, "")) {
      // The stop came while the start was under way.
      stopComponent();
    }
  }

  private void retryLater(Exception e, long nowNanos) {
    failures++;
    Duration pause = BACKOFF.pause(failures, random);
    nextTryNanos = nowNanos + pause.toNanos();
    String detail = e.getMessage() == null ? e.toString() : e.getMessage();
    boolean said = status.detail().equals(detail);
    become(State.RETRYING, detail);
    // The same failure again is worth a line only now and then.
    if (!said || Integer.bitCount(failures) == 1) {
      log.error(
          "{} could not start (try {}), next try in {} ms: {}",
          metrics.key(),
          failures,
          pause.toMillis(),
          detail,
          e instanceof io.millrace.api.MillraceException ? null : e);
    }
  }

  void stop() {
    if (stopRequested()) {
      return;
    }
    stopComponent();
    metrics.stopped(System.currentTimeMillis());
    synchronized (this) {
      status = new ComponentStatus(metrics.key(), State.STOPPED, "");
    }
  }

  private synchronized boolean stopRequested() {
    boolean before = isStopping;
    isStopping = true;
    return before;
  }

  private void stopComponent() {
    try {
      stop.run();
    } catch (Exception e) {
      log.error("{} did not stop cleanly", metrics.key(), e);
    }
  }

  /** False when the component is being stopped: its status is the stop's alone then. */
  private synchronized boolean become(State state, String detail) {
    if (isStopping) {
      return false;
    }
    status = new ComponentStatus(metrics.key(), state, detail);
    return true;
  }
}
