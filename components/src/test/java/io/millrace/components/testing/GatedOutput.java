/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Output;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Channels that take, are full, or do not answer, as the test says. Guarded by {@code this};
 * answers are given outside of it.
 */
final class GatedOutput implements Output {
  private final Map<String, Integer> taken = new HashMap<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private Gate gate = Gate.OPEN;
  private int refusals;
  private long bytesWaiting;
  private long maxBytesWaiting;

  enum Gate {
    OPEN,
    FULL,
    SILENT
  }

  private record Waiting(EventBatch batch, CompletableFuture<Void> future) {}

  @Override
  public CompletableFuture<Void> emit(EventBatch batch) {
    synchronized (this) {
      switch (gate) {
        case OPEN -> take(batch);
        case FULL -> {
          refusals++;
          return CompletableFuture.failedFuture(new ChannelFullException("full"));
        }
        case SILENT -> {
          Waiting held = new Waiting(batch, new CompletableFuture<>());
          waiting.add(held);
          bytesWaiting += batch.encodedBytes();
          maxBytesWaiting = Math.max(maxBytesWaiting, bytesWaiting);
          return held.future();
        }
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  private void take(EventBatch batch) {
    for (EventView event : batch) {
      taken.merge(event.bodyText(), 1, Integer::sum);
    }
  }

  /** From now on; batches that wait are taken when it opens. */
  void set(Gate next) {
    List<Waiting> answered = List.of();
    synchronized (this) {
      gate = next;
      if (next == Gate.OPEN) {
        answered = List.copyOf(waiting);
        waiting.clear();
        bytesWaiting = 0;
        answered.forEach(each -> take(each.batch()));
      }
    }
    answered.forEach(each -> each.future().complete(null));
  }

  /** How often each body was taken. */
  synchronized Map<String, Integer> taken() {
    return new HashMap<>(taken);
  }

  synchronized int distinctCount() {
    return taken.size();
  }

  synchronized int eventCount() {
    return taken.values().stream().mapToInt(Integer::intValue).sum();
  }

  synchronized int refusals() {
    return refusals;
  }

  synchronized int batchesWaiting() {
    return waiting.size();
  }

  /** Most bytes that have waited for an answer at once. */
  synchronized long maxBytesWaiting() {
    return maxBytesWaiting;
  }

  @Override
  public long maxBatchBytes() {
    return 1 << 20;
  }
}
