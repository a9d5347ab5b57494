/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.flow;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
 * <p>Events of a batch that the channels reject are sent once more, one by one and {@value
 * #MAX_SINGLES} at a time, before anything new, so that only those are left out that can never be
 * accepted. A channel that had taken the batch, or a part of it, has those events twice then.
 *
 * <p>A window that is closed sends nothing more, failed batches included: its source has saved, or
 * is about to save, where to go on, and a batch sent later would come twice. But for the rest of a
 * batch of which the channels have single events already: that would come twice if the source began
 * it anew, and {@link #hasUnanswered} holds until it is settled.
 *
 * <p>Confined to the source's thread; only {@code wake} is called on others.
 *
 * @param <T> what the source remembers with a batch, such as a position
 */
public final class EmitWindow<T> {
  /** Most single events under way: a channel has room for some hundreds of appends in all. */
  static final int MAX_SINGLES = 64;

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
    /**
     * Every required channel has the events of the batch that it can ever accept, and all that were
     * emitted before it are settled.
     *
     * @param rejectedEvents how many of them were left out, as was told before
     */
    void settled(T tag, EventBatch batch, int rejectedEvents);

    /**
     * An event can never be accepted and is left out; the batch is settled right after that.
     *
     * @param index in the batch that was emitted
     * @param event alone
     */
    void rejected(T tag, int index, EventBatch event, RejectedException reason);

    /**
     * A try failed, of all events of the batch or of some; they stay and are tried again after a
     * pause, unless the window closes.
     */
    void failed(T tag, EventBatch batch, Throwable reason);
  }

  private static final class Flight<T> {
    private final T tag;
    private final EventBatch batch;

    /** What the channels do not have yet, in order: the batch, or single events of it. */
    private List<Piece> pieces;

    private boolean isApart;

    Flight(T tag, EventBatch batch) {
      this.tag = tag;
      this.batch = batch;
      this.pieces = List.of(new Piece(0, batch));
    }

    boolean has(State state) {
      return count(state) > 0;
    }

    int count(State state) {
      int count = 0;
      for (Piece piece : pieces) {
        count += piece.state == state ? 1 : 0;
      }
      return count;
    }

    boolean isSettled() {
      return pieces.stream().allMatch(piece -> piece.state == State.REJECTED);
    }
  }

  /** What is sent at once. */
  private static final class Piece {
    private final int index;
    private final EventBatch events;
    private CompletableFuture<Void> future;
    private State state = State.WAITING;
    private RejectedException rejection;

    /**
     * @param index of its first event in the batch
     */
    Piece(int index, EventBatch events) {
      this.index = index;
      this.events = events;
    }
  }

  private enum State {
    WAITING,
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
    return !isClosed && failures == 0 && flights.size() < maxBatches && !isAnyApart();
  }

  private boolean isAnyApart() {
    for (Flight<T> flight : flights) {
      if (flight.isApart && !flight.isSettled()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Sends neither new batches nor failed ones from now on; answers are still told, and what was
   * begun event by event is brought to its end.
   */
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

  /**
   * Whether the answer to any batch is still to come, as far as {@link #settle} has looked; or to
   * single events of one.
   */
  public boolean hasUnanswered() {
    return isUnderWay() || isAnyApart();
  }

  private boolean isUnderWay() {
    for (Flight<T> flight : flights) {
      if (flight.has(State.UNANSWERED)) {
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
    flight.pieces.forEach(this::send);
  }

  /** Looks at what was answered, tells the listener, and tries again what is due. */
  public void settle(long nowNanos) {
    boolean newFailure = false;
    boolean answered = false;
    for (Flight<T> flight : flights) {
      Throwable failure = null;
      for (Piece piece : flight.pieces) {
        if (piece.state != State.UNANSWERED || !piece.future.isDone()) {
          continue;
        }
        Throwable failed = judge(piece);
        failure = failure == null ? failed : failure;
        answered |= failed == null;
      }
      if (failure != null) {
        newFailure = true;
        listener.failed(flight.tag, flight.batch, failure);
      }
      takeApart(flight);
    }
    if (newFailure) {
      failures++;
      retryAtNanos = nowNanos + backoff.pause(failures, random).toNanos();
    } else if (answered && failures > 0) {
      failures = 1;
      retryAtNanos = nowNanos;
    }
    tellSettled();
    retryIfDue(nowNanos);
    sendSingles(State.WAITING);
  }

  /** Time until a failed batch is due, or {@link Long#MAX_VALUE} when none waits for that. */
  public long nanosUntilRetry(long nowNanos) {
    return failures == 0 || isUnderWay() || (isClosed && !isAnyApart())
        ? Long.MAX_VALUE
        : Math.max(0, retryAtNanos - nowNanos);
  }

  /** Why the piece failed and has to be tried again, or null. */
  private Throwable judge(Piece piece) {
    Throwable reason = reason(piece.future);
    if (reason == null) {
      piece.state = State.ACCEPTED;
      return null;
    }
    if (!(reason instanceof RejectedException rejection)) {
      piece.state = State.FAILED;
      return reason;
    }
    if (piece.events.eventCount() > 1 && isClosed) {
      // Which event it is for can't be asked any more: the source will bring all of them again.
      piece.state = State.FAILED;
      return reason;
    }
    piece.state = State.REJECTED;
    piece.rejection = rejection;
    return null;
  }

  /** Forgets what was accepted, and makes single events of a batch that was rejected. */
  private void takeApart(Flight<T> flight) {
    List<Piece> left = new ArrayList<>();
    for (Piece piece : flight.pieces) {
      if (piece.state == State.REJECTED && piece.events.eventCount() > 1) {
        flight.isApart = true;
        int index = 0;
        for (EventView event : piece.events) {
          left.add(new Piece(index++, EventBatch.builder(event.encodedBytes()).add(event).build()));
        }
      } else if (piece.state != State.ACCEPTED) {
        left.add(piece);
      }
    }
    flight.pieces = left;
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
      if (!first.isSettled()) {
        break;
      }
      flights.remove();
      for (Piece rejected : first.pieces) {
        listener.rejected(first.tag, rejected.index, rejected.events, rejected.rejection);
      }
      listener.settled(first.tag, first.batch, first.pieces.size());
    }
  }

  private void retryIfDue(long nowNanos) {
    if (failures == 0 || isUnderWay() || nowNanos < retryAtNanos) {
      return;
    }
    for (Flight<T> flight : flights) {
      if (!flight.has(State.FAILED)) {
        continue;
      }
      if (flight.isApart) {
        sendSingles(State.FAILED);
        return;
      }
      if (!isClosed) {
        send(flight.pieces.get(0));
        return;
      }
    }
    failures = 0;
  }

  /**
   * Those of the first flight that has any, as many as may be under way; none new after a failure.
   */
  private void sendSingles(State state) {
    if (state == State.WAITING && failures > 0) {
      return;
    }
    for (Flight<T> flight : flights) {
      if (flight.isApart && flight.has(state)) {
        int room = MAX_SINGLES - flight.count(State.UNANSWERED);
        for (Piece piece : flight.pieces) {
          if (piece.state == state && room-- > 0) {
            send(piece);
          }
        }
        return;
      }
    }
  }

  private void send(Piece piece) {
    piece.state = State.UNANSWERED;
    try {
      piece.future = output.emit(piece.events);
    } catch (RuntimeException e) {
      // An output answers through the future; one that throws is treated alike.
      piece.future = CompletableFuture.failedFuture(e);
    }
    piece.future.whenComplete((done, failure) -> wake.run());
  }
}
