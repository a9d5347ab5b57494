/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.concurrent.CompletableFuture;

/**
 * Where a source puts its events: interceptors, selector and channels, behind one door. Safe for
 * use by many threads; batches of one thread reach each channel in the order of its calls.
 *
 * @since 0.1
 */
public interface Output {
  /**
   * Hands a batch on. Never blocks: a network source may call it on its event loop. The future
   * completes when every required channel has the batch as durably as that channel promises; only
   * then may a source answer its peer or move its position. It fails with
   *
   * <ul>
   *   <li>{@link ChannelFullException} when a required channel had no room within its keep-alive
   *       time, or another {@link TransientException} (the agent stops): try again later;
   *   <li>{@link StorageException} when a required channel's storage fails: try again later;
   *   <li>{@link RejectedException} when the events can never be accepted: do not try again.
   * </ul>
   *
   * <p>After a failure some required channels may have the batch; a second try is then a duplicate
   * there. A source bounds what it has in flight; until the future completes the batch takes
   * memory.
   */
  CompletableFuture<Void> emit(EventBatch batch);

  /**
   * As {@link #emit(EventBatch)}, of events that may have come before: each channel that remembers
   * its origins takes them once, so that a second try after a failure is none there.
   *
   * @param origin of exactly these events, or {@link Origin#NONE}
   */
  default CompletableFuture<Void> emit(EventBatch batch, Origin origin) {
    return emit(batch);
  }

  /** Largest encoded batch and event, in bytes, that the channels behind this output accept. */
  long maxBatchBytes();
}
