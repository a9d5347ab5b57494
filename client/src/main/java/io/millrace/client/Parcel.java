/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Events that are sent, acknowledged or given up together, and the promise made for them. Made by
 * the outbox; what changes is confined to the sender's thread.
 */
final class Parcel {
  /** What a parcel takes beside its encoded events: itself, its futures, its places in queues. */
  static final int OVERHEAD_BYTES = 256;

  final EventBatch batch;
  final long sequence;
  final long acceptedNanos;
  final FlushMark mark;
  final Optional<CompletableFuture<Void>> settled;

  /** Calls that carried it and failed. */
  int failedAttempts;

  /** Those of them that a server had, or may have had, before it said no or went away. */
  int suspicions;

  /** Whether a server has refused a call that carried it with others. */
  boolean travelsAlone;

  Throwable lastFailure;

  Parcel(
      EventBatch batch,
      long sequence,
      long acceptedNanos,
      FlushMark mark,
      Optional<CompletableFuture<Void>> settled) {
    this.batch = batch;
    this.sequence = sequence;
    this.acceptedNanos = acceptedNanos;
    this.mark = mark;
    this.settled = settled;
  }

  static long bufferedBytes(EventBatch batch) {
    return (long) batch.encodedBytes() + OVERHEAD_BYTES;
  }

  long bufferedBytes() {
    return bufferedBytes(batch);
  }

  int events() {
    return batch.eventCount();
  }
}
