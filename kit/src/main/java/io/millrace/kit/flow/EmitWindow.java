/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.flow;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.random.RandomGenerator;

/**
 * Batches on their way into an {@link Output}, for sources that can wait: several at a time, told
 * as settled only in the order they were emitted, tried again with back-off when they fail.
 *
 * <p>Once a batch has failed, nothing new goes out: the window waits for the others to be answered,
 * then tries the failed ones again, one at a time and in their order. A batch that follows a failed
 * one may so reach a channel before it, but none is given up and none that was accepted is sent
 * again.
 *
 * <p>A window that is closed sends nothing more, failed batches included: its source has saved, or
 * is about to save, where to go on, and a batch sent later would come twice.
 *
 * <p>Confined to the source's thread; only {@code wake} is called on others.
 *
 * @param <T> what the source remembers with a batch, such as a position
 */
public final class EmitWindow<T> {
  private final Output output;
  private final int maxBatches;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final Runnable wake;
  private final Listener<T> listener;
  private final ArrayDeque<Flight<T>> flights = new ArrayDeque<>();
  private int failures;
  private boolean isClosed;
  private long retryAtNanos;

  /** What is told of batches, from within {@link #settle}. */
  public interface Listener<T> {
    /** Every required channel has the batch, and all that were emitted before it are settled. */
    void accepted(T tag, EventBatch batch);

    /** The batch can never be accepted; all that were emitted before it are settled. */
    void rejected(T tag, EventBatch batch, RejectedException reason);

    /** A try failed; the batch stays and is tried again after a pause, unless the window closes. */
    void failed(T tag, EventBatch batch, Throwable reason);
  }

  private static final class Flight<T> {
    private final T tag;
    private final EventBatch batch;
    private CompletableFuture<Void> future;
    private State state = State.UNANSWERED;
    private RejectedException rejection;

    Flight(T tag, EventBatch batch) {
      this.tag = tag;
      this.batch = batch;
    }
  }

  private enum State {
    UNANSWERED,
    ACCEPTED,
    REJECTED,
    FAILED
  }

  /**
   * @param wake called on any thread when an answer came
   */
  public EmitWindow(
      Output output,
      int maxBatches,
      Backoff backoff,
      RandomGenerator random,
      Runnable wake,
      Listener<T> listener) {
    if (maxBatches < 1) {
      throw new IllegalArgumentException("maxBatches: " + maxBatches + " (expected: 1 or more)");
    }
    this.output = Objects.requireNonNull(output);
    this.maxBatches = maxBatches;
    this.backoff = Objects.requireNonNull(backoff);
    this.random = Objects.requireNonNull(random);
    this.wake = Objects.requireNonNull(wake);
    this.listener = Objects.requireNonNull(listener);
  }

  /** Whether a new batch may be emitted. */
  public boolean hasRoom() {
    return !isClosed && failures == 0 && flights.size() < maxBatches;
  }

  /** Sends nothing from now on, neither new batches nor failed ones; answers are still told. */
  public void close() {
    isClosed = true;
  }

  /** Whether every batch is settled. */
  public boolean isEmpty() {
    return flights.isEmpty();
  }

  /** Batches that are not settled. */
  public int batches() {
    return flights.size();
  }

  /** Whether the answer to any batch is still to come, as far as {@link #settle} has looked. */
  public boolean hasUnanswered() {
    for (Flight<T> flight : flights) {
      if (flight.state == State.UNANSWERED) {
        return true;
      }
    }
    return false;
  }

  /** Hands a batch on; {@link #hasRoom} must hold. */
  public void emit(T tag, EventBatch batch) {
    if (!hasRoom()) {
      throw new IllegalStateException(
          "batches: "
              + flights.size()
              + " (expected: less than "
              + maxBatches
              + ", none failed)"
              + (isClosed ? ", and the window is closed" : ""));
    }
    Flight<T> flight = new Flight<>(tag, batch);
    flights.add(flight);
    send(flight);
  }

  /** Looks at what was answered, tells the listener, and tries again what is due. */
  public void settle(long nowNanos) {
    boolean newFailure = false;
    boolean answered = false;
    int unanswered = 0;
    for (Flight<T> flight : flights) {
      if (flight.state != State.UNANSWERED) {
        continue;
      }
      if (!flight.future.isDone()) {
        unanswered++;
        continue;
      }
      judge(flight);
      answered |= flight.state != State.FAILED;
      newFailure |= flight.state == State.FAILED;
    }
    if (newFailure) {
      failures++;
      retryAtNanos = nowNanos + backoff.pause(failures, random).toNanos();
    } else if (answered && failures > 0) {
      failures = 1;
      retryAtNanos = nowNanos;
    }
    tellSettled();
    retryIfDue(nowNanos, unanswered);
  }

  /** Time until a failed batch is due, or {@link Long#MAX_VALUE} when none waits for that. */
  public long nanosUntilRetry(long nowNanos) {
    return isClosed || failures == 0 || hasUnanswered()
        ? Long.MAX_VALUE
        : Math.max(0, retryAtNanos - nowNanos);
  }

  private void judge(Flight<T> flight) {
    Throwable reason = reason(flight.future);
    if (reason == null) {
      flight.state = State.ACCEPTED;
    } else if (reason instanceof RejectedException rejection) {
      flight.state = State.REJECTED;
      flight.rejection = rejection;
    } else {
      flight.state = State.FAILED;
      listener.failed(flight.tag, flight.batch, reason);
    }
  }

  /** Why a completed future failed, or null. */
  private static Throwable reason(CompletableFuture<Void> done) {
    Throwable thrown = done.handle((nothing, failure) -> failure).join();
    return thrown instanceof CompletionException wrapper && wrapper.getCause() != null
        ? wrapper.getCause()
        : thrown;
  }

  private void tellSettled() {
    while (!flights.isEmpty()) {
      Flight<T> first = flights.peek();
      if (first.state == State.UNANSWERED || first.state == State.FAILED) {
        break;
      }
      flights.remove();
      if (first.state == State.ACCEPTED) {
        listener.accepted(first.tag, first.batch);
      } else {
        listener.rejected(first.tag, first.batch, first.rejection);
      }
    }
  }

  private void retryIfDue(long nowNanos, int unanswered) {
    if (isClosed || failures == 0 || unanswered > 0 || nowNanos < retryAtNanos) {
      return;
    }
    for (Flight<T> flight : flights) {
      if (flight.state == State.FAILED) {
        flight.state = State.UNANSWERED;
        send(flight);
        return;
      }
    }
    failures = 0;
  }

  private void send(Flight<T> flight) {
    try {
      flight.future = output.emit(flight.batch);
    } catch (RuntimeException e) {
      // An output answers through the future; one that throws is treated alike.
      flight.future = CompletableFuture.failedFuture(e);
    }
    flight.future.whenComplete((done, failure) -> wake.run());
  }
}
