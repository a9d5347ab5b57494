/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.kit.text.LineFramer;
import java.io.IOException;
import java.io.InputStream;

/**
 * Cuts a stream into lines, an event each: ended by a line feed, with a carriage return before it
 * left out; the last may lack its end. Bytes are taken as they are. Confined to one thread.
 */
final class LineBatches {
  /** What one event may hold at most. */
  static final int MAX_LINE_BYTES = 16 << 20;

  private static final int READ_BYTES = 64 * 1024;

  /** Takes batches in their order. */
  @FunctionalInterface
  interface Target {
    void send(EventBatch batch, long readBytes) throws SendFailedException, InterruptedException;
  }

  private final EncodedHeaders headers;
  private final int batchSize;
  private final Target target;
  private final LineFramer framer;
  private EventBatch.Builder batch = EventBatch.builder();
  private long lines;
  private boolean isOverlong;

  LineBatches(EncodedHeaders headers, int batchSize, Target target) {
    this.headers = headers;
    this.batchSize = batchSize;
    this.target = target;
    this.framer =
        new LineFramer(
            MAX_LINE_BYTES,
            new LineFramer.Lines() {
              @Override
              public void line(byte[] array, int offset, int length) {
                add(array, offset, length);
              }

              @Override
              public void overlong(byte[] array, int offset, int length) {
                isOverlong = true;
              }
            });
  }

  private void add(byte[] array, int offset, int length) {
    boolean endsInReturn = length > 0 && array[offset + length - 1] == '\r';
    batch.add(headers, array, offset, endsInReturn ? length - 1 : length);
    lines++;
  }

  /** Lines found so far. */
  long lines() {
    return lines;
  }

  /**
   * Reads to the end. What has been read goes out when a batch is full, or when the stream makes us
   * wait for more: somebody may be typing.
   */
  void read(InputStream stream) throws IOException, SendFailedException, InterruptedException {
    byte[] buffer = new byte[READ_BYTES];
    long pendingBytes = 0;
    int read;
    while ((read = stream.read(buffer)) >= 0) {
      // In steps, so that no batch becomes much larger than asked for.
      for (int at = 0; at < read; ) {
        int end = stepEnd(buffer, at, read);
        framer.feed(buffer, at, end - at);
        pendingBytes += end - at;
        at = end;
        if (isOverlong) {
          throw new SendFailedException(
              "line "
                  + (lines + 1)
                  + " is longer than "
                  + MAX_LINE_BYTES
                  + " bytes, the most that is sent as one event");
        }
        if (isFull()) {
          flush(pendingBytes);
          pendingBytes = 0;
        }
      }
      if (batch.eventCount() > 0 && stream.available() == 0) {
        flush(pendingBytes);
        pendingBytes = 0;
      }
    }
    framer.finish();
    flush(pendingBytes);
  }

  private static int stepEnd(byte[] buffer, int from, int limit) {
    for (int i = from; i < limit; i++) {
      if (buffer[i] == '\n') {
        return i + 1;
      }
    }
    return limit;
  }

  private boolean isFull() {
    return batch.eventCount() >= batchSize
        || batch.encodedBytes() >= EventBatch.TARGET_BYTES && batch.eventCount() > 0;
  }

  private void flush(long readBytes) throws SendFailedException, InterruptedException {
    EventBatch full = batch.build();
    batch = EventBatch.builder();
    target.send(full, readBytes);
  }
}
