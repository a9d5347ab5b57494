/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.InvariantViolation;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.MillraceException;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.metrics.ComponentMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries events from one channel to one sink: takes, delivers, settles. Owns the transaction;
 * whose turn it is among the sinks of a group, how many deliveries are in flight, and the pause
 * after a failure are a matter of {@link SinkTurns}.
 *
 * <p>One thread takes and delivers; outcomes may arrive on any thread.
 */
final class SinkRunner {
  private static final Logger log = LoggerFactory.getLogger(SinkRunner.class);

  /** A delivery stops growing here; larger single events travel alone. */
  static final long MAX_DELIVERY_BYTES = 4L << 20;

  private static final Duration IDLE_WAIT = Duration.ofMillis(100);

  private final String name;
  private final Sink sink;
  private final Channel channel;
  private final int batchSize;
  private final SinkTurns turns;
  private final int position;
  private final Optional<DeadLetterChannel> deadLetters;
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
  private final Counter setAside;
  private final Counter setAsideFailures;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit deadLetterLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit rejectionLog = new LogLimit(Duration.ofSeconds(10));

  /**
   * @param position of the sink among those that share the turns
   */
  SinkRunner(
      String name,
      Sink sink,
      Channel channel,
      int batchSize,
      SinkTurns turns,
      int position,
      Optional<DeadLetterChannel> deadLetters,
      ComponentMetrics metrics,
      ThreadFactory threads) {
    this.name = name;
    this.sink = sink;
    this.channel = channel;
    this.batchSize = batchSize;
    this.turns = turns;
    this.position = position;
    this.deadLetters = deadLetters;
    drainAttempts = metrics.counter("EventDrainAttemptCount");
    drained = metrics.counter("EventDrainSuccessCount");
    complete = metrics.counter("BatchCompleteCount");
    underflow = metrics.counter("BatchUnderflowCount");
    empty = metrics.counter("BatchEmptyCount");
    writeFailures = metrics.counter("EventWriteFail");
    readFailures = metrics.counter("ChannelReadFail");
    rejected = metrics.counter("EventRejectedCount");
    retried = metrics.counter("EventRetryCount");
    setAside = metrics.counter("EventDeadLetterCount");
    setAsideFailures = metrics.counter("DeadLetterFailCount");
    metrics.gauge("DeliveriesInFlight", () -> turns.inFlight(position));
    metrics.gauge("FailuresInARow", () -> turns.failures(position));
    metrics.gauge("PenaltyMillis", () -> turns.penaltyMillis(position));
    thread = threads.newThread(this::run);
  }

  /** Events that the sink has delivered. */
  long deliveredEvents() {
    return drained.value();
  }

  /** Has an effect once: the sink may be started again, the runner goes on all the while. */
  synchronized void start() {
    if (thread.getState() == Thread.State.NEW) {
      thread.start();
      turns.started(position);
    }
  }

  /** Takes nothing more; what is in flight goes on. */
  void stop() {
    turns.stop(position);
  }

  /** Whether the thread has ended and everything in flight was settled before the deadline. */
  boolean awaitStopped(long deadlineNanos) throws InterruptedException {
    // The thread first: until it has ended it may send one delivery more.
    thread.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
    return !thread.isAlive() && turns.awaitSettled(position, deadlineNanos);
  }

  private void run() {
    try {
      while (turns.await(position)) {
        try {
          takeAndSend();
        } catch (RuntimeException | Error e) {
          // Nobody would see that this thread has ended; the sink itself is well.
          turns.passed(position);
          channelFailed("could not carry events on", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      turns.left(position);
    }
  }

  private void takeAndSend() throws InterruptedException {
    Delivery delivery = take();
    if (delivery == null) {
      turns.passed(position);
    } else {
      send(delivery);
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
      channelFailed("could not take events from its channel", e);
      return null;
    }
  }

  private void send(Delivery delivery) {
    boolean isTaken = false;
    try {
      int events = delivery.batch().eventCount();
      drainAttempts.add(events);
      (events >= batchSize ? complete : underflow).increment();
      turns.took(position);
      isTaken = true;
      deliver(delivery).whenComplete((result, error) -> answered(delivery, result, error));
    } catch (RuntimeException | Error e) {
      giveBack(delivery, isTaken);
      throw e;
    }
  }

  /** What never came to be settled. */
  private void giveBack(Delivery delivery, boolean isTaken) {
    try {
      delivery.close();
    } finally {
      if (isTaken) {
        turns.settled(position, false);
      }
    }
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

  /** What the sink rejects is acknowledged only once its dead letter channel has it. */
  private void answered(Delivery delivery, Outcome outcome, Throwable error) {
    // A null is the sink's mistake; settling it says so.
    if (error != null
        || outcome == null
        || outcome.rejections().isEmpty()
        || deadLetters.isEmpty()) {
      settle(delivery, outcome, error);
      return;
    }
    CompletableFuture<Void> appended;
    try {
      appended = deadLetters.get().append(delivery.batch(), outcome.rejections());
      InvariantViolation.check(appended != null, "a dead letter channel answered null");
    } catch (RuntimeException | Error e) {
      appended = CompletableFuture.failedFuture(e);
    }
    appended.whenComplete(
        (ignored, failure) -> {
          if (failure == null) {
            setAside.add(outcome.rejections().size());
            settle(delivery, outcome, null);
          } else {
            sayNotSetAside(outcome.rejections().size(), failure);
            settle(delivery, withoutRejections(outcome, delivery.batch().eventCount()), null);
          }
        });
  }

  /** Delivered stays delivered; what was rejected is tried again with the rest. */
  private static Outcome withoutRejections(Outcome outcome, int events) {
    Outcome.Builder again = Outcome.builder();
    for (int index = 0; index < events; index++) {
      if (outcome.isRetried(index) || outcome.rejections().containsKey(index)) {
        again.retry(index, index + 1);
      }
    }
    return again.build();
  }

  private void sayNotSetAside(int events, Throwable failure) {
    setAsideFailures.increment();
    if (deadLetterLog.allows()) {
      log.warn(
          "Sink {} rejected {} events, and its dead letter channel {} could not take them; they stay"
              + " in the channel and are tried again: {}",
          name,
          events,
          deadLetters.orElseThrow().name(),
          cause(failure).toString());
    }
  }

  private void settle(Delivery delivery, Outcome outcome, Throwable error) {
    boolean isSuccess = false;
    try (delivery) {
      if (error != null) {
        retried.add(delivery.batch().eventCount());
        failed("could not deliver " + delivery.batch().eventCount() + " events", error);
      } else if (outcome.isFullyDelivered()) {
        delivery.acknowledge();
        drained.add(delivery.batch().eventCount());
        isSuccess = true;
      } else {
        isSuccess = settlePartly(delivery, outcome);
      }
    } catch (RuntimeException | Error e) {
      isSuccess = false;
      channelFailed("could not settle a delivery with its channel", e);
    } finally {
      int ended = turns.settled(position, isSuccess);
      if (ended > 0) {
        log.info("Sink {} delivers again after {} failed tries", name, ended);
      }
    }
  }

  /**
   * Acknowledges delivered and rejected runs; the rest goes back with the delivery's close. Whether
   * nothing is left to be tried again.
   */
  private boolean settlePartly(Delivery delivery, Outcome outcome) {
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
      failed(retries + " of " + events + " events have to be tried again", null);
    }
    return retries == 0;
  }

  private void reject(Map<Integer, String> rejections) {
    rejected.add(rejections.size());
    if (rejectionLog.allows()) {
      log.warn(
          "Sink {} rejected {} events for good, {} so far; {}. The first: {}",
          name,
          rejections.size(),
          rejected.value(),
          deadLetters
              .map(channel -> "they are in the channel " + channel.name())
              .orElse("they are gone, as it has no " + EngineOptions.DEAD_LETTER_CHANNEL),
          rejections.values().iterator().next());
    }
  }

  private void failed(String what, Throwable error) {
    writeFailures.increment();
    say(what, "failure " + turns.failed(position) + " in a row", error);
  }

  private void channelFailed(String what, Throwable error) {
    readFailures.increment();
    turns.channelFailed();
    say(what, "after a pause", error);
  }

  private void say(String what, String how, Throwable error) {
    if (!failureLog.allows()) {
      return;
    }
    Throwable cause = error == null ? null : cause(error);
    log.warn(
        "Sink {} {}; they stay in the channel and are tried again ({}): {}",
        name,
        what,
        how,
        cause == null ? "see the sink's own message" : cause.toString(),
        cause instanceof MillraceException ? null : cause);
  }

  private static Throwable cause(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
