/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.batchfile;

import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.IOException;
import java.io.OutputStream;
import java.time.InstantSource;

/**
 * Writes events as they are, in blocks that each have a checksum, the number of their first event
 * in the file, and the time. A block ends with each flush, or earlier when it is large enough.
 * Confined to the thread that writes the file.
 */
final class BatchFileWriter implements EventSerializer {
  private final OutputStream target;
  private final int blockBytes;
  private final long fileId;
  private final InstantSource clock;
  private EventBatch.Builder block = EventBatch.builder();
  private long nextEvent;

  BatchFileWriter(OutputStream target, int blockBytes, long fileId, InstantSource clock) {
    this.target = target;
    this.blockBytes = blockBytes;
    this.fileId = fileId;
    this.clock = clock;
  }

  @Override
  public void begin() throws IOException {
    target.write(BatchFileLayout.fileHeader(fileId, clock.millis()));
  }

  @Override
  public void write(EventView event) throws IOException {
    block.add(event);
    if (block.encodedBytes() >= blockBytes) {
      flush();
    }
  }

  @Override
  public void flush() throws IOException {
    if (block.eventCount() == 0) {
      return;
    }
    EventBatch batch = block.build();
    block = EventBatch.builder(Math.min(batch.encodedBytes(), blockBytes));
    long writtenMillis = clock.millis();
    byte[] header =
        batch.lend(
            (array, offset, length) ->
                BatchFileLayout.blockHeader(
                    fileId, nextEvent, batch.eventCount(), writtenMillis, array, offset, length));
    nextEvent += batch.eventCount();
    target.write(header);
    batch.writeTo(target);
  }

  @Override
  public void end() throws IOException {
    flush();
  }
}
