/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Holds events between sources and sinks. Safe for use by many appending and taking threads.
 *
 * @since 0.1
 */
public interface Channel extends Lifecycle {
  /**
   * Takes in a batch. Never blocks. Completes when the batch is as durable as the channel promises;
   * when the channel is full, waits for room up to its keep-alive time. Fails with {@link
   * ChannelFullException}, {@link StorageException} or {@link RejectedException}; events of a
   * failed append are never delivered. Appends of one thread keep their order.
   */
  CompletableFuture<Void> append(EventBatch batch);

  /**
   * As {@link #append(EventBatch)}, of events whose origin is known. A channel that remembers what
   * it was sent takes each run of an origin once; it counts a run as had when it has any event of
   * it, for interceptors and selectors may leave the others out. While the same events are on their
   * way in by another append, this one waits for what becomes of that.
   *
   * <p>A channel that remembers nothing appends.
   *
   * @param origin of the run that the batch was made of; the batch may have fewer events
   */
  default CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return append(batch).thenApply(appended -> Intake.APPENDED);
  }

  /**
   * Refuses appends from now on, those that still wait for room included; taking goes on. Called
   * once every source has stopped: nobody is told any more of what would be let in later.
   */
  default void refuseAppends() {}

  /**
   * The next events, oldest first, or null when there are none now. A delivery holds at least one
   * event, at most {@code maxEvents}, and stops growing at {@code maxBytes}.
   *
   * @throws StorageException when the events cannot be read now
   */
  Delivery take(int maxEvents, long maxBytes);

  /** Waits until {@link #take} may find events; false when {@code timeout} passed without. */
  boolean awaitEvents(Duration timeout) throws InterruptedException;

  /** Events held and not yet acknowledged, those in open deliveries included. */
  long eventCount();

  /** Most events that the channel holds; {@link Long#MAX_VALUE} when it sets no bound. */
  long capacity();

  /**
   * Whether an append would have to wait for room now: what waits then is not stuck, the channel is
   * full.
   */
  default boolean isFull() {
    return eventCount() >= capacity();
  }

  /** Most events in one append or one delivery. */
  int transactionCapacity();

  /** Whether the events outlive the process. */
  boolean isDurable();

  /**
   * Events that only memory holds: a stop waits for them to be delivered, up to a limit. What is
   * still counted once the channel has stopped is lost.
   */
  default long volatileEventCount() {
    return isDurable() ? 0 : eventCount();
  }

  /**
   * Whether an orderly stop keeps the events for the next start of a channel with these options,
   * those that only memory holds included.
   */
  default boolean savesAtStop() {
    return isDurable();
  }
}
