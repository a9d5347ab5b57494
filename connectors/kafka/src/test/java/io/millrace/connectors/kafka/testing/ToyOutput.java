/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Collects what a source emits. A batch is accepted at once unless the output is held; then it
 * waits for the release. Guarded by {@code this}; answers are given outside of it.
 */
public final class ToyOutput implements Output {
  private final List<Event> accepted = new ArrayList<>();
  private final List<EventBatch> heldBatches = new ArrayList<>();
  private final List<CompletableFuture<Void>> held = new ArrayList<>();
  private boolean isHeld;
  private RuntimeException refusal;
  private String poison;

  /** An event as the channels got it. */
  public record Event(Map<String, String> headers, String body) {}

  @Override
  public synchronized CompletableFuture<Void> emit(EventBatch batch) {
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    if (hasPoison(batch)) {
      return CompletableFuture.failedFuture(new RejectedException("poison"));
    }
    if (isHeld) {
      CompletableFuture<Void> answer = new CompletableFuture<>();
      heldBatches.add(batch);
      held.add(answer);
      return answer;
    }
    take(batch);
    return CompletableFuture.completedFuture(null);
  }

  private boolean hasPoison(EventBatch batch) {
    for (EventView event : batch) {
      if (event.bodyText().equals(poison)) {
        return true;
      }
    }
    return false;
  }

  private void take(EventBatch batch) {
    for (EventView event : batch) {
      accepted.add(new Event(event.headers(), event.bodyText()));
    }
  }

  @Override
  public long maxBatchBytes() {
    return Long.MAX_VALUE;
  }

  public synchronized void hold() {
    isHeld = true;
  }

  /** Batches fail from now on; null ends that. */
  public synchronized void refuse(RuntimeException reason) {
    refusal = reason;
  }

  /** Batches that hold an event with this body are rejected from now on. */
  public synchronized void reject(String body) {
    poison = body;
  }

  public void release() {
    List<CompletableFuture<Void>> answers;
    synchronized (this) {
      isHeld = false;
      heldBatches.forEach(this::take);
      heldBatches.clear();
      answers = new ArrayList<>(held);
      held.clear();
    }
    answers.forEach(answer -> answer.complete(null));
  }

  public synchronized int heldEvents() {
    return heldBatches.stream().mapToInt(EventBatch::eventCount).sum();
  }

  public synchronized List<Event> events() {
    return List.copyOf(accepted);
  }

  public synchronized List<String> bodies() {
    return accepted.stream().map(Event::body).toList();
  }
}
