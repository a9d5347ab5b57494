/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Checks the Avro encoding of an array of events by walking its lengths once; allocates nothing and
 * believes no count or length that the remaining bytes cannot hold. Stateless.
 */
final class BatchScanner {
  /** Smallest event: an empty map (one byte) and an empty body (one byte). */
  private static final int MIN_EVENT_BYTES = 2;

  /** Smallest map entry: two empty strings. */
  private static final int MIN_ENTRY_BYTES = 2;

  private final byte[] source;
  private final int limit;
  private int at;

  private BatchScanner(byte[] source, int offset, int limit) {
    this.source = source;
    this.at = offset;
    this.limit = limit;
  }

  /** Number of events in the array that fills exactly {@code [offset, limit)}. */
  static int countEvents(byte[] source, int offset, int limit) throws MalformedBatchException {
    BatchScanner scanner = new BatchScanner(source, offset, limit);
    long events = scanner.array();
    if (scanner.at != limit) {
      throw new MalformedBatchException(
          (limit - scanner.at) + " bytes follow the last event (expected: none)");
    }
    return (int) events;
  }

  /** Checks that one event fills exactly {@code [offset, limit)}. */
  static void checkEvent(byte[] source, int offset, int limit) throws MalformedBatchException {
    BatchScanner scanner = new BatchScanner(source, offset, limit);
    scanner.event();
    if (scanner.at != limit) {
      throw new MalformedBatchException(
          (limit - scanner.at) + " bytes follow the event (expected: none)");
    }
  }

  private long array() throws MalformedBatchException {
    long events = 0;
    while (true) {
      int blockOffset = at;
      long count = readLong();
      if (count == 0) {
        checkArrayEnd(blockOffset);
        return events;
      }
      long blockEnd = blockEnd(count);
      count = checkedCount(count, MIN_EVENT_BYTES, blockOffset);
      for (long i = 0; i < count; i++) {
        event();
      }
      checkBlockEnd(blockEnd);
      events += count;
    }
  }

  /** Batches are joined by leaving out the last byte: the end must be that one byte. */
  private void checkArrayEnd(int endOffset) throws MalformedBatchException {
    if (at - endOffset != 1) {
      throw new MalformedBatchException(
          "end of the array at offset "
              + endOffset
              + ": "
              + (at - endOffset)
              + " bytes (expected: 1)");
    }
  }

  private void event() throws MalformedBatchException {
    while (true) {
      int blockOffset = at;
      long count = readLong();
      if (count == 0) {
        break;
      }
      long blockEnd = blockEnd(count);
      count = checkedCount(count, MIN_ENTRY_BYTES, blockOffset);
      for (long i = 0; i < count; i++) {
        lengthPrefixed();
        lengthPrefixed();
      }
      checkBlockEnd(blockEnd);
    }
    lengthPrefixed();
  }

  /** A negative count is followed by the block's size in bytes; -1 when there is none. */
  private long blockEnd(long count) throws MalformedBatchException {
    if (count > 0) {
      return -1;
    }
    int sizeOffset = at;
    long size = readLong();
    if (size < 0 || size > limit - at) {
      throw new MalformedBatchException(
          "block size at offset "
              + sizeOffset
              + ": "
              + size
              + " (expected: 0 to "
              + (limit - at)
              + ")");
    }
    return at + size;
  }

  private void checkBlockEnd(long blockEnd) throws MalformedBatchException {
    if (blockEnd >= 0 && blockEnd != at) {
      throw new MalformedBatchException(
          "block ends at offset " + at + " (expected by its size: " + blockEnd + ")");
    }
  }

  private long checkedCount(long count, int minBytes, int blockOffset)
      throws MalformedBatchException {
    long items = Math.abs(count);
    if (items < 0 || items > (limit - at) / minBytes) {
      throw new MalformedBatchException(
          "count at offset "
              + blockOffset
              + ": "
              + count
              + " (expected: at most "
              + (limit - at) / minBytes
              + " by the bytes that remain)");
    }
    return items;
  }

  private void lengthPrefixed() throws MalformedBatchException {
    int lengthOffset = at;
    long length = readLong();
    if (length < 0 || length > limit - at) {
      throw new MalformedBatchException(
          "length at offset "
              + lengthOffset
              + ": "
              + length
              + " (expected: 0 to "
              + (limit - at)
              + ")");
    }
    at += (int) length;
  }

  private long readLong() throws MalformedBatchException {
    if (at < limit && source[at] >= 0) {
      int zigzag = source[at++];
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    long value = AvroBinary.readLong(source, at, limit);
    at = AvroBinary.skipLong(source, at);
    return value;
  }
}
