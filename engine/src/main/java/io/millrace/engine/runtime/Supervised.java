/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Backoff;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.MillraceException;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One component's life: waits for what it needs, starts it, tries again with back-off when its
 * start fails, stops and restarts it when it fails later, and says when it is stuck.
 *
 * <p>Turns are confined to one thread at a time by the caller and take no longer than their
 * patience: starts, and the stops that a restart needs, run on a thread of their own. A final stop
 * may come from any thread. Guarded by {@code this}; any thread may read the status.
 */
final class Supervised {
  private static final Logger log = LoggerFactory.getLogger(Supervised.class);
  private static final Backoff START_BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10));

  /**
   * A restart takes what depends on it along: a component that fails at once is left alone more.
   */
  private static final Backoff RESTART_BACKOFF =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(60));

  private static final Duration BETWEEN_DUMPS = Duration.ofSeconds(60);

  /** Work that may fail in any way. */
  @FunctionalInterface
  interface Step {
    void run() throws Exception;
  }

  private enum Stage {
    START,
    STOP_FOR_RESTART
  }

  private final String agent;
  private final ComponentMetrics metrics;
  private List<Supervised> needs;
  private final Step start;
  private final Step stop;
  private final Watched watched;
  private final Supervision supervision;
  private final RandomGenerator random;
  private final ComponentThreads threads;
  private final Metrics.Counter restarts;
  private final LogLimit dumpLog = new LogLimit(BETWEEN_DUMPS);

  private int failures;
  private long nextTryNanos;
  private long runningSinceNanos;
  private boolean isStopping;
  private boolean isUp;

  /** It failed, and the stop that its restart needs could not even begin. */
  private boolean mustStopFirst;

  /** What runs on a thread of its own now, if anything does. */
  private Thread step;

  private Stage stage;
  private long stepBeginNanos;
  private boolean isStallSaid;
  private volatile ComponentStatus status;

  Supervised(
      String agent,
      ComponentMetrics metrics,
      List<Supervised> needs,
      Step start,
      Step stop,
      Watched watched,
      Supervision supervision,
      RandomGenerator random) {
    this.agent = agent;
    this.metrics = metrics;
    this.needs = needs;
    this.start = start;
    this.stop = stop;
    this.watched = watched;
    this.supervision = supervision;
    this.random = random;
    this.status = new ComponentStatus(metrics.key(), State.WAITING, "");
    String kind = metrics.kind().name().toLowerCase(Locale.ROOT);
    threads = new ComponentThreads(agent, kind, metrics.component(), "life");
    restarts = metrics.counter("RestartCount");
    metrics.gauge("ComponentState", () -> status.state().ordinal());
  }

  ComponentStatus status() {
    return status;
  }

  /** From its next turn on it waits for these. */
  synchronized void setNeeds(List<Supervised> others) {
    needs = List.copyOf(others);
  }

  /** Whether its start has been tried since it was made, or waits for one that failed. */
  synchronized boolean isTried() {
    return switch (status.state()) {
      case RUNNING, RETRYING, STOPPED, FAILED, STUCK -> true;
      case WAITING -> needs.stream().anyMatch(need -> need.isTried() && !need.isRunning());
    };
  }

  /** Whether it has started and was not stopped since; it may be stuck. */
  synchronized boolean isRunning() {
    return isUp;
  }

  /**
   * Does what is due: starts, restarts, looks.
   *
   * @param patience how long a start may hold up the caller; it goes on without
   */
  void turn(long nowNanos, Duration patience) {
    Thread begun = decide(nowNanos);
    if (begun == null) {
      return;
    }
    try {
      begun.start();
    } catch (OutOfMemoryError e) {
      // The system gives no thread.
      synchronized (this) {
        mustStopFirst = stage == Stage.STOP_FOR_RESTART;
      }
      endStep();
      retryLater(e);
      return;
    }
    try {
      awaitEnd(begun, System.nanoTime() + patience.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until the step has ended, or a final stop no longer cares for it. */
  private synchronized void awaitEnd(Thread begun, long deadlineNanos) throws InterruptedException {
    long millis;
    while (step == begun
        && !isStopping
        && (millis = (deadlineNanos - System.nanoTime()) / 1_000_000) > 0) {
      wait(millis);
    }
  }

  /** The step to begin now, or null. */
  private synchronized Thread decide(long nowNanos) {
    if (isStopping) {
      return null;
    }
    if (step != null) {
      watchStep(nowNanos);
      return null;
    }
    if (isUp) {
      return watch(nowNanos);
    }
    if (status.state() == State.RETRYING && nowNanos - nextTryNanos < 0) {
      return null;
    }
    if (mustStopFirst) {
      String detail = status.detail();
      return begin(Stage.STOP_FOR_RESTART, () -> stopForRestart(detail), nowNanos);
    }
    for (Supervised needed : needs) {
      if (!needed.isRunning()) {
        become(State.WAITING, "waits for " + needed.status.component());
        return null;
      }
    }
    return begin(Stage.START, this::startComponent, nowNanos);
  }

  private Thread begin(Stage next, Runnable work, long nowNanos) {
    stage = next;
    stepBeginNanos = nowNanos;
    isStallSaid = false;
    step =
        threads.newThread(
            () -> {
              try {
                work.run();
              } finally {
                endStep();
              }
            });
    return step;
  }

  private synchronized void endStep() {
    step = null;
    notifyAll();
  }

  private void startComponent() {
    try {
      start.run();
    } catch (Exception | Error e) {
      retryLater(e);
      return;
    }
    metrics.started(System.currentTimeMillis());
    boolean wasStopped;
    int before;
    synchronized (this) {
      wasStopped = isStopping;
      before = failures;
      if (!wasStopped) {
        isUp = true;
        runningSinceNanos = System.nanoTime();
        become(State.RUNNING, "");
      }
    }
    if (wasStopped) {
      // The stop came while the start was under way.
      stopComponent();
    } else if (before > 0) {
      log.info("{} started, after {} failures", metrics.key(), before);
    }
  }

  private void retryLater(Throwable e) {
    if (e instanceof OutOfMemoryError error) {
      supervision.outOfMemory().accept(error);
    }
    String detail = e.getMessage() == null ? e.toString() : e.getMessage();
    boolean said;
    int count;
    Duration pause;
    synchronized (this) {
      count = ++failures;
      pause = START_BACKOFF.pause(count, random);
      nextTryNanos = System.nanoTime() + pause.toNanos();
      said = status.detail().equals(detail);
      become(State.RETRYING, detail);
    }
    // The same failure again is worth a line only now and then.
    if (!said || Integer.bitCount(count) == 1) {
      log.error(
          "{} could not start (try {}), next try in {} ms: {}",
          metrics.key(),
          count,
          pause.toMillis(),
          detail,
          e instanceof MillraceException ? null : e);
    }
  }

  /** Looks at what runs; the step to begin when it has failed. */
  private Thread watch(long nowNanos) {
    Throwable failure = watched.failure();
    if (failure != null) {
      return failed(failure, nowNanos);
    }
    Optional<Watched.Stall> stall = watched.stall(nowNanos, supervision.stuckAfter().toNanos());
    boolean isStuck = stall.map(Watched.Stall::isStuck).orElse(false);
    boolean isSlow = stall.isPresent();
    if (isStuck && status.state() != State.STUCK) {
      sayStuck(stall.get().what());
    } else if (isSlow && !isStuck && status.detail().isEmpty()) {
      log.warn("{} waits: {}", metrics.key(), stall.get().what());
    } else if (!isSlow && !status.detail().isEmpty()) {
      log.info("{} goes on. It was held up: {}", metrics.key(), status.detail());
    }
    become(isStuck ? State.STUCK : State.RUNNING, stall.map(Watched.Stall::what).orElse(""));
    return null;
  }

  private Thread failed(Throwable failure, long nowNanos) {
    String detail = "failed: " + failure;
    Optional<String> obstacle = watched.obstacleToRestart();
    if (obstacle.isPresent()) {
      if (status.state() != State.FAILED) {
        become(State.FAILED, detail);
        log.error(
            "{} failed and is not restarted, for {}; it goes on as it can. Restart the agent. {}",
            metrics.key(),
            obstacle.get(),
            dump(),
            failure);
      }
      return null;
    }
    if (nowNanos - runningSinceNanos > supervision.steadyAfter().toNanos()) {
      failures = 0;
    }
    failures++;
    Duration pause = RESTART_BACKOFF.pause(failures, random);
    nextTryNanos = nowNanos + pause.toNanos();
    log.error(
        "{} failed (failure {} in a row). It is stopped, and started again in {} ms. {}",
        metrics.key(),
        failures,
        pause.toMillis(),
        dump(),
        failure);
    restarts.increment();
    isUp = false;
    become(State.FAILED, detail);
    return begin(Stage.STOP_FOR_RESTART, () -> stopForRestart(detail), nowNanos);
  }

  private void stopForRestart(String detail) {
    stopComponent();
    metrics.stopped(System.currentTimeMillis());
    try {
      watched.abandon();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      mustStopFirst = false;
      become(State.RETRYING, detail);
    }
  }

  /** A start or a stop that takes too long. */
  private void watchStep(long nowNanos) {
    long nanos = nowNanos - stepBeginNanos;
    if (nanos > supervision.stuckAfter().toNanos() && !isStallSaid) {
      isStallSaid = true;
      String what = stage == Stage.START ? "its start" : "its stop for a restart";
      sayStuck(what + " has taken " + nanos / 1_000_000_000 + " s so far");
    }
  }

  private void sayStuck(String what) {
    become(State.STUCK, what);
    log.error(
        "{} is stuck: {} (limit: {} s). Nothing is interrupted. {}",
        metrics.key(),
        what,
        supervision.stuckAfter().toSeconds(),
        dump());
  }

  /** At a bounded rate: a component may fail, or get stuck, again and again. */
  private String dump() {
    return dumpLog.allows()
        ? ComponentDump.of(agent, metrics, status)
        : "(its state was logged before)";
  }

  void stop() {
    Thread stopsAlready;
    synchronized (this) {
      if (isStopping) {
        return;
      }
      isStopping = true;
      notifyAll();
      stopsAlready = stage == Stage.STOP_FOR_RESTART ? step : null;
    }
    if (stopsAlready == null) {
      stopComponent();
    } else {
      join(stopsAlready);
    }
    metrics.stopped(System.currentTimeMillis());
    synchronized (this) {
      isUp = false;
      status = new ComponentStatus(metrics.key(), State.STOPPED, "");
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopComponent() {
    try {
      stop.run();
    } catch (Exception | Error e) {
      log.error("{} did not stop cleanly", metrics.key(), e);
    }
  }

  /** Without effect when the component is being stopped: its status is the stop's alone then. */
  private synchronized void become(State state, String detail) {
    if (!isStopping && !(status.state() == state && status.detail().equals(detail))) {
      status = new ComponentStatus(metrics.key(), state, detail);
    }
  }
}
