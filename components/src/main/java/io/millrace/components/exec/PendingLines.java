/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Metrics.Counter;
import java.util.ArrayDeque;

/**
 * Lines between the thread that reads them and the one that hands them on: full batches, at most
 * {@link #MAX_FULL_BATCHES}, and one that grows. Guarded by {@code this}.
 */
final class PendingLines {
  static final int MAX_FULL_BATCHES = 8;

  private final int batchEvents;
  private final Counter lost;
  private final Runnable wake;
  private final ArrayDeque<EventBatch> full = new ArrayDeque<>();
  private EventBatch.Builder growing = EventBatch.builder();
  private boolean isAbandoned;
  private long late;

  /**
   * @param lost counts the lines that nobody takes any longer
   * @param wake called by the reader when there is a full batch
   */
  PendingLines(int batchEvents, Counter lost, Runnable wake) {
    this.batchEvents = batchEvents;
    this.lost = lost;
    this.wake = wake;
  }

  /**
   * Adds a line; waits while there is no room. One that comes after the others are abandoned is
   * lost.
   */
  void add(byte[] array, int offset, int length) throws InterruptedException {
    synchronized (this) {
      while (full.size() >= MAX_FULL_BATCHES && !isAbandoned) {
        wait();
      }
      if (isAbandoned) {
        late++;
        lost.increment();
        return;
      }
      growing.add(EncodedHeaders.NONE, array, offset, length);
      if (growing.eventCount() < batchEvents && growing.encodedBytes() < EventBatch.TARGET_BYTES) {
        return;
      }
      full.add(growing.build());
      growing = EventBatch.builder();
    }
    wake.run();
  }

  /** A full batch, or with {@code isDue} what there is; null when there is none. */
  synchronized EventBatch poll(boolean isDue) {
    notifyAll();
    if (full.isEmpty() && isDue && growing.eventCount() > 0) {
      EventBatch batch = growing.build();
      growing = EventBatch.builder();
      return batch;
    }
    return full.poll();
  }

  /** Adding waits no more: nobody takes lines from here any longer. Returns how many are lost. */
  synchronized long abandon() {
    isAbandoned = true;
    notifyAll();
    long left = eventCount();
    lost.add(left);
    full.clear();
    growing = EventBatch.builder();
    return left;
  }

  /** Lines that came since the others were abandoned. */
  synchronized long lateCount() {
    return late;
  }

  synchronized long eventCount() {
    return full.stream().mapToLong(EventBatch::eventCount).sum() + growing.eventCount();
  }
}
