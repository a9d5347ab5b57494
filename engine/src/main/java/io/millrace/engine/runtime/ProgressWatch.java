/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

/**
 * Knows the oldest operation that is under way: a delivery of a sink, an emit of a source. As many
 * as these have in flight; a begin and an end each cost a few pointers.
 *
 * <p>Guarded by {@code this}.
 */
final class ProgressWatch {
  /** One operation under way: a link of the list, oldest first. Guarded by its watch. */
  static final class Operation {
    final long beginNanos;
    private Operation before;
    private Operation after;
    private boolean isEnded;

    private Operation(long beginNanos) {
      this.beginNanos = beginNanos;
    }
  }

  private Operation oldest;
  private Operation youngest;

  synchronized Operation begin() {
    // Read under the lock, so that the list is in the order of the times.
    Operation operation = new Operation(System.nanoTime());
    if (youngest == null) {
      oldest = operation;
    } else {
      youngest.after = operation;
      operation.before = youngest;
    }
    youngest = operation;
    return operation;
  }

  /** Idempotent. */
  synchronized void end(Operation operation) {
    if (operation.isEnded) {
      return;
    }
    operation.isEnded = true;
    if (operation.before == null) {
      oldest = operation.after;
    } else {
      operation.before.after = operation.after;
    }
    if (operation.after == null) {
      youngest = operation.before;
    } else {
      operation.after.before = operation.before;
    }
  }

  /** How long the oldest operation has been under way; 0 when there is none. */
  synchronized long oldestNanos(long nowNanos) {
    return oldest == null ? 0 : Math.max(0, nowNanos - oldest.beginNanos);
  }

  /** As {@link #oldestNanos}, of now and for a gauge. */
  long oldestMillis() {
    return oldestNanos(System.nanoTime()) / 1_000_000;
  }
}
