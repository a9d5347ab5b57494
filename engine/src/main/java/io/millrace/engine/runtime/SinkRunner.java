/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Backoff;
import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.InvariantViolation;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.engine.metrics.ComponentMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries events from one channel to one sink: takes, delivers, settles. Owns the transaction, the
 * number of deliveries in flight, and the pause after a failure.
 *
 * <p>One thread takes and delivers; outcomes may arrive on any thread. What they share is guarded
 * by {@code this}.
 */
final class SinkRunner {
  private static final Logger log = LoggerFactory.getLogger(SinkRunner.class);

  /** A delivery stops growing here; larger single events travel alone. */
  static final long MAX_DELIVERY_BYTES = 4L << 20;

  private static final Duration IDLE_WAIT = Duration.ofMillis(100);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private final String name;
  private final Sink sink;
  private final Channel channel;
  private final int batchSize;
  private final int maxInFlight;
  private final RandomGenerator random;
  private final Thread thread;

  private final Counter drainAttempts;
  private final Counter drained;
  private final Counter complete;
  private final Counter underflow;
  private final Counter empty;
  private final Counter writeFailures;
  private final Counter readFailures;
  private final Counter rejected;
  private final Counter retried;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit rejectionLog = new LogLimit(Duration.ofSeconds(10));

  private boolean stopping;
  private int inFlight;

  /** Failures since the last success; 0 while all is well. */
  private int failures;

  /** Whether a failure waits for its pause. */
  private boolean pauseDue;

  SinkRunner(
      String name,
      Sink sink,
      Channel channel,
      int batchSize,
      ComponentMetrics metrics,
      ThreadFactory threads,
      RandomGenerator random) {
    this.name = name;
    this.sink = sink;
    this.channel = channel;
    this.batchSize = batchSize;
    this.maxInFlight = sink.maxInFlight();
    this.random = random;
    drainAttempts = metrics.counter("EventDrainAttemptCount");
    drained = metrics.counter("EventDrainSuccessCount");
    complete = metrics.counter("BatchCompleteCount");
    underflow = metrics.counter("BatchUnderflowCount");
    empty = metrics.counter("BatchEmptyCount");
    writeFailures = metrics.counter("EventWriteFail");
    readFailures = metrics.counter("ChannelReadFail");
    rejected = metrics.counter("EventRejectedCount");
    retried = metrics.counter("EventRetryCount");
    metrics.gauge("DeliveriesInFlight", this::inFlight);
    thread = threads.newThread(this::run);
  }

  /** Has an effect once: the sink may be started again, the runner goes on all the while. */
  synchronized void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
    }
  }

  /** Takes nothing more; what is in flight goes on. */
  synchronized void stop() {
    stopping = true;
    notifyAll();
  }

  /** Whether the thread has ended and everything in flight was settled before the deadline. */
  boolean awaitStopped(long deadlineNanos) throws InterruptedException {
    // The thread first: until it has ended it may send one delivery more.
    thread.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
    if (thread.isAlive()) {
      return false;
    }
    synchronized (this) {
      while (inFlight > 0) {
        long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        wait(millis);
      }
    }
    return true;
  }

  private synchronized int inFlight() {
    return inFlight;
  }

  private void run() {
    try {
      while (awaitTurn()) {
        Delivery delivery = take();
        if (delivery != null) {
          send(delivery);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for room in flight and for a due pause to pass; false when the runner stops. */
  private synchronized boolean awaitTurn() throws InterruptedException {
    while (!stopping) {
      if (pauseDue && inFlight == 0) {
        pauseDue = false;
        pause();
      } else if (pauseDue || inFlight >= maxInFlight) {
        wait();
      } else {
        return true;
      }
    }
    return false;
  }

  private void pause() throws InterruptedException {
    long deadline = System.nanoTime() + BACKOFF.pause(Math.max(1, failures), random).toNanos();
    long millis;
    while (!stopping && (millis = (deadline - System.nanoTime()) / 1_000_000) > 0) {
      wait(millis);
    }
  }

  /** The next delivery, or null when there is none within the idle wait. */
  private Delivery take() throws InterruptedException {
    try {
      Delivery delivery = channel.take(batchSize, MAX_DELIVERY_BYTES);
      if (delivery == null) {
        empty.increment();
        channel.awaitEvents(IDLE_WAIT);
      }
      return delivery;
    } catch (RuntimeException | Error e) {
      // Also an Error: a runner that ended here would leave its channel without a sink for good.
      readFailures.increment();
      failed("could not take events from its channel", e);
      return null;
    }
  }

  private void send(Delivery delivery) {
    int events = delivery.batch().eventCount();
    drainAttempts.add(events);
    (events >= batchSize ? complete : underflow).increment();
    synchronized (this) {
      inFlight++;
    }
    deliver(delivery).whenComplete((result, error) -> settle(delivery, result, error));
  }

  /**
   * The sink's answer; whatever it throws, a class that cannot be loaded included, is a failure.
   */
  private CompletableFuture<Outcome> deliver(Delivery delivery) {
    try {
      CompletableFuture<Outcome> outcome = sink.deliver(delivery.batch(), delivery.origin());
      InvariantViolation.check(outcome != null, "sink " + name + " answered null");
      return outcome;
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void settle(Delivery delivery, Outcome outcome, Throwable error) {
    try (delivery) {
      if (error != null) {
        writeFailures.increment();
        retried.add(delivery.batch().eventCount());
        failed("could not deliver " + delivery.batch().eventCount() + " events", error);
      } else if (outcome.isFullyDelivered()) {
        delivery.acknowledge();
        drained.add(delivery.batch().eventCount());
        succeeded();
      } else {
        settlePartly(delivery, outcome);
      }
    } catch (RuntimeException e) {
      readFailures.increment();
      failed("could not settle a delivery with its channel", e);
    } finally {
      synchronized (this) {
        inFlight--;
        notifyAll();
      }
    }
  }

  /** Acknowledges delivered and rejected runs; the rest goes back with the delivery's close. */
  private void settlePartly(Delivery delivery, Outcome outcome) {
    int events = delivery.batch().eventCount();
    int from = outcome.nextSettled(0);
    while (from < events) {
      int retry = outcome.nextRetry(from);
      int to = retry < 0 ? events : Math.min(retry, events);
      delivery.acknowledge(from, to);
      from = outcome.nextSettled(to);
    }
    int retries = outcome.retryCount();
    drained.add(events - retries - outcome.rejections().size());
    if (!outcome.rejections().isEmpty()) {
      reject(outcome.rejections());
    }
    if (retries > 0) {
      retried.add(retries);
      writeFailures.increment();
      failed(retries + " of " + events + " events have to be tried again", null);
    } else {
      succeeded();
    }
  }

  private void reject(Map<Integer, String> rejections) {
    rejected.add(rejections.size());
    if (rejectionLog.allows()) {
      log.warn(
          "Sink {} rejected {} events for good, {} so far. The first: {}",
          name,
          rejections.size(),
          rejected.value(),
          rejections.values().iterator().next());
    }
  }

  private synchronized void succeeded() {
    if (failures > 0 && !pauseDue) {
      log.info("Sink {} delivers again after {} failed tries", name, failures);
      failures = 0;
    }
  }

  private void failed(String what, Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    int count;
    synchronized (this) {
      // The failures of one flight count once: they have one cause and get one pause.
      if (!pauseDue) {
        failures++;
      }
      pauseDue = true;
      count = failures;
      notifyAll();
    }
    if (failureLog.allows()) {
      log.warn(
          "Sink {} {}; they stay in the channel and are tried again (failure {} in a row): {}",
          name,
          what,
          count,
          cause == null ? "see the sink's own message" : cause.toString(),
          cause instanceof io.millrace.api.MillraceException ? null : cause);
    }
  }
}
