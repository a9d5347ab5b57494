/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventDeserializer;
import java.util.Map;

/** The batch that grows. Confined to the source's thread. */
final class BatchFilling implements EventDeserializer.Events {
  private final long targetBytes;
  private SpooledFile file;
  private EventBatch.Builder batch = EventBatch.builder();
  private EventBatch full;

  /**
   * @param targetBytes that a batch of several events may have
   */
  BatchFilling(long targetBytes) {
    this.targetBytes = targetBytes;
  }

  void begin(SpooledFile next) {
    file = next;
    batch = EventBatch.builder();
    full = null;
  }

  @Override
  public void add(Map<String, String> headers, byte[] array, int offset, int length) {
    if (file.eventsToSkip > 0) {
      file.eventsToSkip--;
      return;
    }
    if (batch.eventCount() > 0 && batch.encodedBytes() + (long) length > targetBytes) {
      full = batch.build();
      batch = EventBatch.builder(full.encodedBytes() + Spooler.MAX_HEADER_BYTES);
    }
    EncodedHeaders encoded = file.headers(headers);
    batch.add(encoded, array, offset, length);
  }

  int eventCount() {
    return batch.eventCount();
  }

  /** The events so far. */
  EventBatch take() {
    EventBatch taken = batch.build();
    batch = EventBatch.builder(Math.max(512, taken.encodedBytes() + 512));
    return taken;
  }

  /** A batch that the last event did not fit in, or null. */
  EventBatch takeFull() {
    EventBatch taken = full;
    full = null;
    return taken;
  }
}
