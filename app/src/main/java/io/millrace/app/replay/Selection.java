/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.HeaderConflict;
import io.millrace.app.avroclient.SendFailedException;
import java.util.Map;
import java.util.TreeMap;

/**
 * Picks the events of one file that lie in the window, numbers them, adds the headers asked for,
 * and hands them on in batches. Confined to one thread; single use.
 */
final class Selection {
  /** Takes batches in their order. */
  @FunctionalInterface
  interface Target {
    /**
     * @param firstEvent number in its file of the first event
     * @param readBytes of the file that were read since the last call
     */
    void send(EventBatch batch, long firstEvent, long readBytes)
        throws SendFailedException, InterruptedException;
  }

  private final ReplayWindow window;
  private final Map<String, String> headers;
  private final int batchSize;
  private final long skippedEvents;
  private final Tally tally;
  private final Target target;
  private EventBatch.Builder batch = EventBatch.builder();
  private long selectedEvents;
  private long pendingBytes;

  /**
   * @param skippedEvents selected events at the beginning that were acknowledged before
   */
  Selection(
      ReplayWindow window,
      Map<String, String> headers,
      int batchSize,
      long skippedEvents,
      Tally tally,
      Target target) {
    this.window = window;
    this.headers = new TreeMap<>(headers);
    this.batchSize = batchSize;
    this.skippedEvents = skippedEvents;
    this.tally = tally;
    this.target = target;
  }

  void take(StoredEvents.Run run) throws SendFailedException, InterruptedException {
    pendingBytes += run.readBytes();
    for (EventView event : run.events()) {
      long millis = ReplayWindow.millisOf(event, run.storedMillis());
      if (!window.contains(millis)) {
        tally.outside();
        continue;
      }
      selectedEvents++;
      if (selectedEvents <= skippedEvents) {
        continue;
      }
      tally.selected(event, millis);
      batch.add(event);
      if (batch.eventCount() >= batchSize || batch.encodedBytes() >= EventBatch.TARGET_BYTES) {
        flush();
      }
    }
  }

  /** Hands on the rest: a batch never holds events of two files. */
  void finish() throws SendFailedException, InterruptedException {
    flush();
  }

  private void flush() throws SendFailedException, InterruptedException {
    EventBatch full = batch.build();
    batch = EventBatch.builder(full.encodedBytes());
    for (Map.Entry<String, String> header : headers.entrySet()) {
      full = full.withHeader(header.getKey(), header.getValue(), HeaderConflict.REPLACE);
    }
    long readBytes = pendingBytes;
    pendingBytes = 0;
    target.send(full, selectedEvents - full.eventCount(), readBytes);
  }
}
