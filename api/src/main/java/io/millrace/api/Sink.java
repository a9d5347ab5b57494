/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Delivers events to where they go next. The engine owns the transaction, the retry and the
 * back-off; a sink only says what became of each event.
 *
 * @since 0.1
 */
public interface Sink extends Lifecycle {
  /**
   * Delivers a batch. Called from one thread; up to {@link #maxInFlight} calls may be incomplete at
   * a time, and {@code stop} may come while some are: they must then complete or fail within a
   * second or so.
   *
   * <p>The future completes with what became of the events: delivered means as durable as this sink
   * promises. It fails, or the call throws, when nothing of the batch was delivered as far as is
   * known: the engine gives the whole batch back to the channel and tries again after a pause.
   */
  CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin);

  /** Most deliveries that the sink wants under way at once. */
  default int maxInFlight() {
    return 1;
  }

  /**
   * A stop is near: from now on deliveries should be answered as soon as can be, also those that a
   * sink would else hold until something is full. More of them may come.
   */
  default void settleSoon() {}

  /**
   * How long deliveries are held when all is well, beyond what writing takes; one that is under way
   * for longer counts as stuck.
   */
  default Duration holdsFor() {
    return Duration.ZERO;
  }
}
