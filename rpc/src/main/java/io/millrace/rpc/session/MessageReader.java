/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.AvroBinary;
import io.millrace.api.MalformedBatchException;
import io.millrace.rpc.frame.Frame;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads a message from front to back; believes no length that the remaining bytes cannot hold.
 * Confined to one thread.
 */
final class MessageReader {
  /** Most entries of a metadata map, in a handshake or in a call. */
  static final int MAX_METADATA_ENTRIES = 64;

  private final byte[] array;
  private final int limit;
  private int at;

  MessageReader(Frame frame) {
    this.array = frame.array();
    this.limit = frame.length();
  }

  byte[] array() {
    return array;
  }

  int offset() {
    return at;
  }

  int remaining() {
    return limit - at;
  }

  long readLong() throws MalformedMessageException {
    try {
      long value = AvroBinary.readLong(array, at, limit);
      at = AvroBinary.skipLong(array, at);
      return value;
    } catch (MalformedBatchException e) {
      throw new MalformedMessageException(e.getMessage(), e);
    }
  }

  /** Reads an enum or union index below {@code count}. */
  int readIndex(int count, String what) throws MalformedMessageException {
    long index = readLong();
    if (index < 0 || index >= count) {
      throw new MalformedMessageException(
          what + ": " + index + " (expected: 0 to " + (count - 1) + ")");
    }
    return (int) index;
  }

  boolean readBoolean(String what) throws MalformedMessageException {
    int value = take(1, what);
    byte b = array[value];
    if (b != 0 && b != 1) {
      throw new MalformedMessageException(what + ": " + b + " (expected: 0 or 1)");
    }
    return b == 1;
  }

  ProtocolHash readHash(String what) throws MalformedMessageException {
    return ProtocolHash.copyOf(array, take(ProtocolHash.BYTES, what));
  }

  String readString(int maxBytes, String what) throws MalformedMessageException {
    int bytes = readLength(maxBytes, what);
    return new String(array, take(bytes, what), bytes, StandardCharsets.UTF_8);
  }

  /** Skips a string or bytes. */
  void skipBytes(int maxBytes, String what) throws MalformedMessageException {
    take(readLength(maxBytes, what), what);
  }

  /** Whether the next string is {@code ascii}; if so, it is taken. */
  boolean takeIfString(String ascii) throws MalformedMessageException {
    int start = at;
    long bytes = readLong();
    if (bytes == ascii.length() && bytes <= remaining()) {
      int i = 0;
      while (i < bytes && array[at + i] == (byte) ascii.charAt(i)) {
        i++;
      }
      if (i == bytes) {
        at += i;
        return true;
      }
    }
    at = start;
    return false;
  }

  Map<String, byte[]> readMetadata(String what) throws MalformedMessageException {
    if (at < limit && array[at] == 0) {
      at++;
      return Map.of();
    }
    Map<String, byte[]> entries = new LinkedHashMap<>();
    int read = 0;
    while (true) {
      long count = readLong();
      if (count == 0) {
        return entries;
      }
      if (count < 0) {
        readLong();
        count = -count;
      }
      if (count < 0 || count > MAX_METADATA_ENTRIES - read) {
        throw new MalformedMessageException(
            what
                + ": "
                + count
                + " more entries after "
                + read
                + " (expected: at most "
                + MAX_METADATA_ENTRIES
                + " in all)");
      }
      for (int i = 0; i < count; i++) {
        String key = readString(remaining(), what);
        int bytes = readLength(remaining(), what);
        int start = take(bytes, what);
        entries.put(key, java.util.Arrays.copyOfRange(array, start, start + bytes));
      }
      read += (int) count;
    }
  }

  private int readLength(int maxBytes, String what) throws MalformedMessageException {
    long length = readLong();
    if (length < 0 || length > remaining() || length > maxBytes) {
      throw new MalformedMessageException(
          what + ": " + length + " bytes (expected: 0 to " + Math.min(remaining(), maxBytes) + ")");
    }
    return (int) length;
  }

  private int take(int bytes, String what) throws MalformedMessageException {
    if (bytes > remaining()) {
      throw new MalformedMessageException(
          what + ": cut off (expected: " + bytes + " bytes, there are " + remaining() + ")");
    }
    int start = at;
    at += bytes;
    return start;
  }
}
