/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.kit.flow.EmitWindow;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/**
 * Collects the events of many clients into batches, for sources whose clients expect no answer: a
 * batch that the channels do not take is kept and tried again, and nothing more is to be read while
 * batches wait. Confined to one thread, its owner; {@code wake} is called on any.
 *
 * <p>Bounds: {@link #MAX_BATCHES_IN_FLIGHT} batches are with the channels; those that wait for
 * their turn count in the budget, which is exceeded by what was read before {@link #isBlocked} was
 * looked at.
 */
public final class BatchCollector {
  static final int MAX_BATCHES_IN_FLIGHT = 64;

  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));
  private static final int FIRST_BYTES = 8 * 1024;

  private final EmitWindow<Void> window;
  private final int maxBatchEvents;
  private final FlightBudget budget;
  private final Listener listener;
  private final ArrayDeque<EventBatch> ready = new ArrayDeque<>();
  private EventBatch.Builder batch;
  private int expectedBytes = FIRST_BYTES;
  private long eventsHeld;

  /** What is told of batches, on the owner's thread. */
  public interface Listener {
    /** No channel can ever take the events; they are gone. */
    void rejected(EventBatch batch, RejectedException reason);

    /** The channels did not take the batch; it is tried again. */
    void failed(EventBatch batch, Throwable reason);
  }

  public BatchCollector(
      Output output,
      int maxBatchEvents,
      FlightBudget budget,
      RandomGenerator random,
      Runnable wake,
      Listener listener) {
    this.maxBatchEvents = maxBatchEvents;
    this.budget = budget;
    this.listener = listener;
    this.window =
        new EmitWindow<>(output, MAX_BATCHES_IN_FLIGHT, BACKOFF, random, wake, new Answers());
  }

  /** The batch that the next event goes to; {@link #added} is to be called for each. */
  public EventBatch.Builder batch() {
    if (batch == null) {
      batch = EventBatch.builder(expectedBytes);
    }
    return batch;
  }

  /** An event was added to the batch. */
  public void added() {
    if (batch.eventCount() >= maxBatchEvents || batch.encodedBytes() >= EventBatch.TARGET_BYTES) {
      seal();
      send();
    }
  }

  /** Sends what there is, as far as the channels take it. */
  public void flush() {
    seal();
    send();
  }

  /** Whether nothing more may be read for now. */
  public boolean isBlocked() {
    return !ready.isEmpty() || !budget.hasRoom();
  }

  /** Whether no event waits or is with the channels. */
  public boolean isEmpty() {
    return ready.isEmpty() && window.isEmpty() && batch == null;
  }

  /** Looks at what was answered and goes on. */
  public void settle(long nowNanos) {
    window.settle(nowNanos);
    send();
  }

  /** Time until a batch that failed is due, or {@link Long#MAX_VALUE}. */
  public long nanosUntilRetry(long nowNanos) {
    return window.nanosUntilRetry(nowNanos);
  }

  /** Gives up what the channels have not taken, and says how many events that may be. */
  public long abandon() {
    seal();
    window.close();
    for (EventBatch waiting : ready) {
      budget.giveBack(waiting.encodedBytes());
    }
    ready.clear();
    long left = eventsHeld;
    eventsHeld = 0;
    return left;
  }

  private void seal() {
    if (batch == null) {
      return;
    }
    EventBatch full = batch.build();
    batch = null;
    // By half at most: a small batch, sealed for want of more, says little of the next one. What an
    // array has beyond its content is not counted; that adds up to about twice the last large
    // batch.
    expectedBytes =
        Math.min(
            EventBatch.TARGET_BYTES, Math.max(full.encodedBytes() * 9 / 8 + 64, expectedBytes / 2));
    eventsHeld += full.eventCount();
    budget.take(full.encodedBytes());
    ready.add(full);
  }

  private void send() {
    while (!ready.isEmpty() && window.hasRoom()) {
      window.emit(null, ready.remove());
    }
  }

  private final class Answers implements EmitWindow.Listener<Void> {
    @Override
    public void settled(Void tag, EventBatch settled, int rejectedEvents) {
      eventsHeld -= settled.eventCount();
      budget.giveBack(settled.encodedBytes());
    }

    @Override
    public void rejected(Void tag, int index, EventBatch event, RejectedException reason) {
      listener.rejected(event, reason);
    }

    @Override
    public void failed(Void tag, EventBatch failed, Throwable reason) {
      listener.failed(failed, reason);
    }
  }
}
