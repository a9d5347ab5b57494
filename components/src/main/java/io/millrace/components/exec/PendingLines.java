/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.exec;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Metrics.Counter;
import io.millrace.kit.text.LineJoiner;
import java.util.ArrayDeque;

/**
 * Lines between the thread that reads them and the one that hands them on: full batches, at most
 * {@link #MAX_FULL_BATCHES}, one that grows, and an event that waits for more lines. Guarded by
 * {@code this}.
 */
final class PendingLines {
  static final int MAX_FULL_BATCHES = 8;

  private final int batchEvents;
  private final Counter lost;
  private final Runnable wake;
  private final LineJoiner joiner;
  private final ArrayDeque<EventBatch> full = new ArrayDeque<>();
  private EventBatch.Builder growing = EventBatch.builder();
  private boolean isAbandoned;
  private long late;

  /**
   * @param lost counts the lines that nobody takes any longer
   * @param wake called by the reader when there is a full batch
   */
  PendingLines(ExecOptions options, Counter lost, Runnable wake) {
    this.batchEvents = options.batchSize();
    this.lost = lost;
    this.wake = wake;
    this.joiner =
        options.multiline().isOn()
            ? new LineJoiner(
                options.multiline(),
                options.charset(),
                (array, offset, length, end) -> addEvent(array, offset, length))
            : null;
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
      int before = full.size();
      if (joiner == null) {
        addEvent(array, offset, length);
      } else {
        joiner.line(array, offset, length, 0, System.nanoTime());
      }
      if (full.size() == before) {
        return;
      }
    }
    wake.run();
  }

  private void addEvent(byte[] array, int offset, int length) {
    growing.add(EncodedHeaders.NONE, array, offset, length);
    if (growing.eventCount() >= batchEvents || growing.encodedBytes() >= EventBatch.TARGET_BYTES) {
      full.add(growing.build());
      growing = EventBatch.builder();
    }
  }

  /**
   * Has lines that wait for more be an event, if their time is over.
   *
   * @param isEnd whether no more will come
   */
  synchronized void flushJoined(long nowNanos, boolean isEnd) {
    if (joiner != null && isEnd) {
      joiner.flush();
    } else if (joiner != null) {
      joiner.flushIfDue(nowNanos);
    }
  }

  /** Time until lines that wait for more are due; {@link Long#MAX_VALUE} when none wait. */
  synchronized long nanosUntilJoinedDue(long nowNanos) {
    return joiner == null ? Long.MAX_VALUE : joiner.nanosUntilDue(nowNanos);
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
    flushJoined(0, true);
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
