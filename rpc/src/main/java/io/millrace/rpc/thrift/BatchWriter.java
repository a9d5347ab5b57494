/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.EventBatch;

/**
 * Writes a batch as the arguments of {@code appendBatch}, in one pass from its bytes to Thrift's.
 * Headers of an event that come in several blocks become one map; a name that stands twice in them
 * stays twice, and readers take the later one, as they do with a batch. Confined to one thread;
 * single use.
 */
final class BatchWriter {
  /** What the compact protocol takes more for an event than a batch does. */
  private static final int EXTRA_EVENT_BYTES = 3;

  private final byte[] source;
  private final ThriftWriter out;
  private int at;

  private BatchWriter(byte[] source, int offset, ThriftWriter out) {
    this.source = source;
    this.at = offset;
    this.out = out;
  }

  /** The writer then holds the arguments, and nothing else. */
  static ThriftWriter write(ThriftProtocol protocol, EventBatch batch) {
    long expected = batch.encodedBytes() + (long) EXTRA_EVENT_BYTES * batch.eventCount() + 64;
    ThriftWriter out = protocol.writer((int) Math.min(Integer.MAX_VALUE - 16, expected));
    batch.lend(
        (array, offset, length) -> {
          new BatchWriter(array, offset, out).arguments(batch.eventCount());
          return out;
        });
    return out;
  }

  private void arguments(int events) {
    out.writeField(WireType.LIST, 1, 0);
    out.writeList(WireType.STRUCT, events);
    for (long count = readLong(); count != 0; count = readLong()) {
      for (long i = checkedBlock(count); i > 0; i--) {
        event();
      }
    }
    out.writeStop();
  }

  private void event() {
    out.writeField(WireType.MAP, 1, 0);
    headers();
    out.writeField(WireType.STRING, 2, 1);
    string();
    out.writeStop();
  }

  private void headers() {
    long count = readLong();
    if (count == 0) {
      out.writeMap(0);
      return;
    }
    int mapOffset = out.at;
    int firstEntries = (int) checkedBlock(count);
    int entries = 0;
    out.writeMap(firstEntries);
    for (long block = firstEntries; block != 0; block = checkedBlock(readLong())) {
      for (long i = 0; i < 2 * block; i++) {
        string();
      }
      entries += (int) block;
    }
    if (entries != firstEntries) {
      out.correctMap(mapOffset, firstEntries, entries);
    }
  }

  private void string() {
    int bytes = (int) readLong();
    out.writeBytes(source, at, bytes);
    at += bytes;
  }

  /** Number of a block's items; a negative count is followed by the block's size. */
  private long checkedBlock(long count) {
    if (count < 0) {
      readLong();
      return -count;
    }
    return count;
  }

  /** Reads from a batch, which is checked. */
  private long readLong() {
    long zigzag = 0;
    int shift = 0;
    byte part;
    do {
      part = source[at++];
      zigzag |= (long) (part & 0x7F) << shift;
      shift += 7;
    } while (part < 0);
    return zigzag >>> 1 ^ -(zigzag & 1);
  }
}
