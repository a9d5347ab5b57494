/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Collects what a source emits. A batch is accepted at once unless the output is {@link #hold
 * held}; then the test answers. Guarded by {@code this}; answers are given outside of it.
 */
public final class ToyOutput implements Output {
  private final List<Event> accepted = new ArrayList<>();
  private final List<Pending> pending = new ArrayList<>();
  private long maxBatchBytes = Long.MAX_VALUE;
  private boolean isHeld;
  private int emits;
  private int largestBatchEvents;

  /** An event as the channels got it. */
  public record Event(Map<String, String> headers, String body) {}

  /** A batch that waits for the test's answer. */
  public final class Pending {
    private final EventBatch batch;
    private final CompletableFuture<Void> future = new CompletableFuture<>();

    private Pending(EventBatch batch) {
      this.batch = batch;
    }

    public EventBatch batch() {
      return batch;
    }

    public void accept() {
      synchronized (ToyOutput.this) {
        pending.remove(this);
        take(batch);
      }
      future.complete(null);
    }

    public void fail(Throwable reason) {
      synchronized (ToyOutput.this) {
        pending.remove(this);
      }
      future.completeExceptionally(reason);
    }
  }

  @Override
  public synchronized CompletableFuture<Void> emit(EventBatch batch) {
    emits++;
    largestBatchEvents = Math.max(largestBatchEvents, batch.eventCount());
    if (!isHeld) {
      take(batch);
      return CompletableFuture.completedFuture(null);
    }
    Pending waiting = new Pending(batch);
    pending.add(waiting);
    return waiting.future;
  }

  @Override
  public synchronized long maxBatchBytes() {
    return maxBatchBytes;
  }

  public synchronized void maxBatchBytes(long bytes) {
    maxBatchBytes = bytes;
  }

  /** Batches wait for the test's answer from now on. */
  public synchronized void hold() {
    isHeld = true;
  }

  /** Batches are accepted at once from now on, and so are those that wait. */
  public void release() {
    synchronized (this) {
      isHeld = false;
    }
    for (Pending waiting : pending()) {
      waiting.accept();
    }
  }

  public synchronized List<Pending> pending() {
    return List.copyOf(pending);
  }

  public synchronized List<Event> events() {
    return List.copyOf(accepted);
  }

  public synchronized List<String> bodies() {
    return accepted.stream().map(Event::body).toList();
  }

  public synchronized int emits() {
    return emits;
  }

  public synchronized int largestBatchEvents() {
    return largestBatchEvents;
  }

  private void take(EventBatch batch) {
    for (EventView event : batch) {
      accepted.add(new Event(event.headers(), event.bodyText()));
    }
  }
}
