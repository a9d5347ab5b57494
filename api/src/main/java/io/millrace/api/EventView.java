/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * A lazy window on one event of a batch. Borrowed: valid until the iterator that lent it moves on;
 * the bytes behind it stay as long as the batch. Confined to the thread that iterates.
 *
 * <p>A header that stands twice in the encoding has the value of its last entry, as Avro map
 * readers see it.
 *
 * @since 0.1
 */
public final class EventView {
  private final byte[] array;
  private int start;
  private int mapEnd;
  private int bodyOffset;
  private int bodyBytes;

  private EventView(byte[] array) {
    this.array = array;
  }

  /** Value of the header, or null. */
  public String header(String name) {
    String found = null;
    int at = start;
    while (true) {
      long count = AvroBinary.readTrusted(array, at);
      at = AvroBinary.skipLong(array, at);
      if (count == 0) {
        return found;
      }
      if (count < 0) {
        at = AvroBinary.skipLong(array, at);
        count = -count;
      }
      for (long i = 0; i < count; i++) {
        int nameBytes = (int) AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at);
        boolean match = matches(name, at, nameBytes);
        at += nameBytes;
        int valueBytes = (int) AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at);
        if (match) {
          found = new String(array, at, valueBytes, StandardCharsets.UTF_8);
        }
        at += valueBytes;
      }
    }
  }

  /** All headers, copied, in the order of their first entry. */
  public Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    int at = start;
    while (true) {
      long count = AvroBinary.readTrusted(array, at);
      at = AvroBinary.skipLong(array, at);
      if (count == 0) {
        return headers;
      }
      if (count < 0) {
        at = AvroBinary.skipLong(array, at);
        count = -count;
      }
      for (long i = 0; i < count; i++) {
        int nameBytes = (int) AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at);
        String name = new String(array, at, nameBytes, StandardCharsets.UTF_8);
        at += nameBytes;
        int valueBytes = (int) AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at);
        headers.put(name, new String(array, at, valueBytes, StandardCharsets.UTF_8));
        at += valueBytes;
      }
    }
  }

  public int bodyBytes() {
    return bodyBytes;
  }

  /** Byte {@code index} of the body. */
  public byte bodyAt(int index) {
    java.util.Objects.checkIndex(index, bodyBytes);
    return array[bodyOffset + index];
  }

  /** The body, copied. */
  public byte[] body() {
    return Arrays.copyOfRange(array, bodyOffset, bodyOffset + bodyBytes);
  }

  /** The body, read-only and not copied; stays valid with the batch. */
  public ByteBuffer bodyBuffer() {
    return ByteBuffer.wrap(array, bodyOffset, bodyBytes).slice().asReadOnlyBuffer();
  }

  /** The body as UTF-8 text. */
  public String bodyText() {
    return new String(array, bodyOffset, bodyBytes, StandardCharsets.UTF_8);
  }

  public void writeBodyTo(OutputStream target) throws IOException {
    target.write(array, bodyOffset, bodyBytes);
  }

  /** Length of the event's encoding (headers and body) in bytes. */
  public int encodedBytes() {
    return bodyOffset + bodyBytes - start;
  }

  /** The event as an Avro datum (header map, body), read-only and not copied. */
  public ByteBuffer encoded() {
    return ByteBuffer.wrap(array, start, encodedBytes()).slice().asReadOnlyBuffer();
  }

  void copyEncodedTo(byte[] target, int offset) {
    System.arraycopy(array, start, target, offset, encodedBytes());
  }

  /** Length of the encoded headers in bytes, the end of their map included. */
  int headerBytes() {
    return AvroBinary.skipLong(array, mapEnd) - start;
  }

  /** Copies the encoded headers; offset behind them. */
  int copyHeadersTo(byte[] target, int offset) {
    System.arraycopy(array, start, target, offset, headerBytes());
    return offset + headerBytes();
  }

  /** Copies the event with {@code entryBlock} as the last block of its map; offset behind it. */
  int copyWithEntryTo(byte[] target, int offset, byte[] entryBlock) {
    int mapBytes = mapEnd - start;
    System.arraycopy(array, start, target, offset, mapBytes);
    int at = offset + mapBytes;
    System.arraycopy(entryBlock, 0, target, at, entryBlock.length);
    at += entryBlock.length;
    int restBytes = bodyOffset + bodyBytes - mapEnd;
    System.arraycopy(array, mapEnd, target, at, restBytes);
    return at + restBytes;
  }

  private boolean matches(String name, int offset, int bytes) {
    int chars = name.length();
    if (chars > bytes) {
      return false;
    }
    for (int i = 0; i < chars; i++) {
      char c = name.charAt(i);
      if (c >= 0x80) {
        return Arrays.equals(
            array,
            offset,
            offset + bytes,
            name.getBytes(StandardCharsets.UTF_8),
            0,
            name.getBytes(StandardCharsets.UTF_8).length);
      }
      if (array[offset + i] != (byte) c) {
        return false;
      }
    }
    return chars == bytes;
  }

  /** Moves onto the event that starts at {@code eventStart}; offset behind it. */
  private int moveTo(int eventStart) {
    start = eventStart;
    int at = eventStart;
    while (true) {
      int blockStart = at;
      long count = AvroBinary.readTrusted(array, at);
      at = AvroBinary.skipLong(array, at);
      if (count == 0) {
        mapEnd = blockStart;
        break;
      }
      if (count < 0) {
        long size = AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at) + (int) size;
        continue;
      }
      // An int: each entry takes two bytes at least, and loops of longs are slower.
      for (int strings = 2 * (int) count; strings > 0; strings--) {
        byte first = array[at];
        // A length below 64, as nearly every one is, is one byte.
        at =
            first >= 0
                ? at + 1 + (first >> 1)
                : AvroBinary.skipLong(array, at) + (int) AvroBinary.readTrusted(array, at);
      }
    }
    bodyBytes = (int) AvroBinary.readTrusted(array, at);
    bodyOffset = AvroBinary.skipLong(array, at);
    return bodyOffset + bodyBytes;
  }

  /** Walks the blocks of a validated array. */
  static final class Cursor implements Iterator<EventView> {
    private final byte[] array;
    private final EventView view;
    private int at;
    private long blockRemaining;
    private int remaining;

    Cursor(byte[] array, int offset, int eventCount) {
      this.array = array;
      this.at = offset;
      this.remaining = eventCount;
      this.view = new EventView(array);
    }

    @Override
    public boolean hasNext() {
      return remaining > 0;
    }

    @Override
    public EventView next() {
      if (remaining == 0) {
        throw new NoSuchElementException();
      }
      if (blockRemaining == 0) {
        long count = AvroBinary.readTrusted(array, at);
        at = AvroBinary.skipLong(array, at);
        if (count < 0) {
          at = AvroBinary.skipLong(array, at);
          count = -count;
        }
        blockRemaining = count;
      }
      at = view.moveTo(at);
      blockRemaining--;
      remaining--;
      return view;
    }
  }
}
