/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings batches into the channels, again and again until they take them. The transaction stays
 * open meanwhile: to roll it back would count as a delivery at the broker, which after some of them
 * moves good messages to its dead letters. Confined to the thread that receives.
 */
final class ChannelIntake {
  private static final Logger log = LoggerFactory.getLogger(ChannelIntake.class);
  private static final long LOOK_MILLIS = 50;

  private final SourceContext context;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final BooleanSupplier isStopping;
  private final Counter channelFailures;
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));

  ChannelIntake(
      SourceContext context, Backoff backoff, RandomGenerator random, BooleanSupplier isStopping) {
    this.context = context;
    this.backoff = backoff;
    this.random = random;
    this.isStopping = isStopping;
    channelFailures = context.metrics().counter("ChannelWriteFail");
  }

  /** What became of a batch. */
  sealed interface Answer {
    /** The channels have it. */
    record Taken() implements Answer {}

    /** The channels will never take it. */
    record Refused(RejectedException reason) implements Answer {}

    /** The channels have not taken it, and the source stops. */
    record Stopped() implements Answer {}
  }

  Answer bring(EventBatch batch) {
    if (batch.isEmpty()) {
      return new Answer.Taken();
    }
    for (int failures = 1; ; failures++) {
      CompletableFuture<Void> future = emit(batch);
      if (!isAnswered(future)) {
        return new Answer.Stopped();
      }
      Throwable reason = reason(future);
      if (reason == null) {
        return new Answer.Taken();
      }
      if (reason instanceof RejectedException rejection) {
        return new Answer.Refused(rejection);
      }
      say(batch, reason);
      if (!pause(failures)) {
        return new Answer.Stopped();
      }
    }
  }

  private CompletableFuture<Void> emit(EventBatch batch) {
    try {
      return context.output().emit(batch);
    } catch (RuntimeException e) {
      // An output answers through the future; one that throws is treated alike.
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Waits for the answer; false when the source stops and it did not come in time. */
  private boolean isAnswered(CompletableFuture<Void> future) {
    long deadlineNanos = Long.MAX_VALUE;
    while (!future.isDone()) {
      long nowNanos = System.nanoTime();
      if (isStopping.getAsBoolean() && deadlineNanos == Long.MAX_VALUE) {
        deadlineNanos = nowNanos + JmsSource.STOP_PATIENCE.toNanos();
      }
      if (deadlineNanos != Long.MAX_VALUE && nowNanos - deadlineNanos >= 0) {
        return false;
      }
      try {
        future.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException | ExecutionException e) {
        continue;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }

  private static Throwable reason(CompletableFuture<Void> done) {
    Throwable thrown = done.handle((nothing, failure) -> failure).join();
    return thrown instanceof java.util.concurrent.CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  private void say(EventBatch batch, Throwable reason) {
    channelFailures.increment();
    if (failureLog.allows()) {
      log.warn(
          "Source {}: the channels did not take {} events: {}. They are tried again, and the broker"
              + " keeps their messages. ({} such lines left out)",
          context.name(),
          batch.eventCount(),
          LogText.of(reason),
          failureLog.takeLeftOut());
    }
  }

  /** False when the source stops. */
  private boolean pause(int failures) {
    long untilNanos = System.nanoTime() + backoff.pause(failures, random).toNanos();
    while (!isStopping.getAsBoolean()) {
      long leftNanos = untilNanos - System.nanoTime();
      if (leftNanos <= 0) {
        return true;
      }
      LockSupport.parkNanos(this, Math.min(leftNanos, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
    }
    return false;
  }
}
