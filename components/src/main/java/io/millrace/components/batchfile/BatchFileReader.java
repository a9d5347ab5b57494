/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.batchfile;

import io.millrace.api.EventBatch;
import io.millrace.api.MalformedBatchException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Reads a batch file part by part. Damage costs the blocks that it hits: reading goes on at the
 * next block whose header is whole, and the numbering of the events says what is missing. Confined
 * to one thread.
 */
public final class BatchFileReader implements Closeable {
  private static final int SEARCH_BYTES = 256 * 1024;

  private static final int BLOCK_HEADER = BatchFileLayout.BLOCK_HEADER_BYTES;

  /** What stands in a file, in order. */
  public sealed interface Part {
    /** First byte. */
    long position();

    /** Behind the last byte. */
    long endPosition();
  }

  /**
   * Events that are whole.
   *
   * @param firstEvent number of the first of them in the file
   * @param writtenMillis when the block was written, since 1970
   */
  public record Block(
      long position, long endPosition, long firstEvent, long writtenMillis, EventBatch events)
      implements Part {}

  /**
   * Bytes that are no block any more.
   *
   * @param lostEvents how many events stood there, as the numbering says
   */
  public record Damage(long position, long endPosition, long lostEvents) implements Part {}

  /** Bytes at the end that are no whole block: what a crash in the middle of a write leaves. */
  public record Unfinished(long position, long endPosition) implements Part {}

  private final FileChannel file;
  private final long endPosition;
  private long position;
  private long expectedEvent;

  /** That of the file's header, or of the first block whose header is whole; null before. */
  private Long fileId;

  private BatchFileReader(FileChannel file, long endPosition) {
    this.file = file;
    this.endPosition = endPosition;
  }

  /**
   * Whether a file that begins like this is a batch file, maybe with a damaged header.
   *
   * @param begin up to some tens of KiB of it
   */
  public static boolean isOne(byte[] begin) {
    ByteBuffer bytes = ByteBuffer.wrap(begin);
    if (begin.length >= 4 && bytes.getInt(0) == BatchFileLayout.FILE_MAGIC) {
      return true;
    }
    for (int at = 0; at + BLOCK_HEADER <= begin.length; at++) {
      if (BatchFileLayout.isBlockHeader(bytes, at)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Opens a file to read its first {@code limitBytes}, or all of it if it has fewer.
   *
   * @throws IOException also when a later version wrote it
   */
  public static BatchFileReader open(Path path, long limitBytes) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      BatchFileReader reader = new BatchFileReader(file, Math.min(limitBytes, file.size()));
      reader.readFileHeader(path);
      return reader;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private void readFileHeader(Path path) throws IOException {
    ByteBuffer header = read(0, BatchFileLayout.FILE_HEADER_BYTES);
    if (!BatchFileLayout.isFileHeader(header, 0)) {
      return;
    }
    short version = header.getShort(BatchFileLayout.FILE_VERSION_OFFSET);
    if (version != BatchFileLayout.VERSION) {
      throw new IOException(
          path
              + ": batch file of version "
              + version
              + " (expected: "
              + BatchFileLayout.VERSION
              + "); a later Millrace reads it");
    }
    fileId = header.getLong(BatchFileLayout.FILE_ID_OFFSET);
    position = BatchFileLayout.FILE_HEADER_BYTES;
  }

  /** The next part, or null at the end. */
  public Part next() throws IOException {
    if (position >= endPosition) {
      return null;
    }
    ByteBuffer header = read(position, BLOCK_HEADER);
    if (isNext(header, 0)) {
      long first = header.getLong(BatchFileLayout.BLOCK_FIRST_OFFSET);
      long lost = first - expectedEvent;
      expectedEvent = first;
      return lost > 0 ? new Damage(position, position, lost) : block(header);
    }
    return searchNext();
  }

  private boolean isNext(ByteBuffer bytes, int offset) {
    return BatchFileLayout.isBlockHeader(bytes, offset)
        && (fileId == null
            || fileId == bytes.getLong(offset + BatchFileLayout.BLOCK_FILE_ID_OFFSET))
        && bytes.getLong(offset + BatchFileLayout.BLOCK_FIRST_OFFSET) >= expectedEvent;
  }

  private Part block(ByteBuffer header) throws IOException {
    long begin = position;
    long first = header.getLong(BatchFileLayout.BLOCK_FIRST_OFFSET);
    int events = header.getInt(BatchFileLayout.BLOCK_COUNT_OFFSET);
    int bytes = header.getInt(BatchFileLayout.BLOCK_PAYLOAD_BYTES_OFFSET);
    if (begin + BLOCK_HEADER + bytes > endPosition) {
      position = endPosition;
      return new Unfinished(begin, endPosition);
    }
    fileId = header.getLong(BatchFileLayout.BLOCK_FILE_ID_OFFSET);
    position = begin + BLOCK_HEADER + bytes;
    expectedEvent = first + events;
    byte[] payload = read(begin + BLOCK_HEADER, bytes).array();
    EventBatch batch = parse(payload, bytes, header, events);
    return batch == null
        ? new Damage(begin, position, events)
        : new Block(
            begin, position, first, header.getLong(BatchFileLayout.BLOCK_WRITTEN_OFFSET), batch);
  }

  /** Null when the payload is not what was written. */
  private static EventBatch parse(byte[] payload, int bytes, ByteBuffer header, int events) {
    int crc = header.getInt(BatchFileLayout.BLOCK_PAYLOAD_CRC_OFFSET);
    if (payload.length != bytes || BatchFileLayout.crc(payload, 0, bytes) != crc) {
      return null;
    }
    try {
      EventBatch batch = EventBatch.parse(payload);
      return batch.eventCount() == events ? batch : null;
    } catch (MalformedBatchException e) {
      return null;
    }
  }

  /** Goes to the next header that is whole; what lies before it is damage. */
  private Part searchNext() throws IOException {
    long begin = position;
    for (long from = begin; from + BLOCK_HEADER <= endPosition; ) {
      ByteBuffer window = read(from, SEARCH_BYTES);
      for (int at = 0; at + BLOCK_HEADER <= window.limit(); at++) {
        if (from + at > begin && isNext(window, at)) {
          long first = window.getLong(at + BatchFileLayout.BLOCK_FIRST_OFFSET);
          long lost = first - expectedEvent;
          position = from + at;
          expectedEvent = first;
          return new Damage(begin, position, lost);
        }
      }
      if (window.limit() < BLOCK_HEADER) {
        break;
      }
      from += window.limit() - BLOCK_HEADER + 1;
    }
    position = endPosition;
    return new Unfinished(begin, endPosition);
  }

  /** Fewer bytes where the file ends. */
  private ByteBuffer read(long from, int bytes) throws IOException {
    byte[] array = new byte[(int) Math.max(0, Math.min(bytes, endPosition - from))];
    ByteBuffer target = ByteBuffer.wrap(array);
    while (target.hasRemaining()) {
      if (file.read(target, from + target.position()) < 0) {
        // It was cut off meanwhile.
        return ByteBuffer.wrap(Arrays.copyOf(array, target.position()));
      }
    }
    return target.flip();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
