/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import java.nio.charset.StandardCharsets;

/**
 * Reads one message from front to back. Allocates nothing on the word of a length or a count:
 * neither may be more than the remaining bytes can hold. Confined to one thread.
 */
abstract class ThriftReader {
  /** Deepest nesting of what is skipped; Thrift's own libraries stop there too. */
  static final int MAX_DEPTH = 64;

  final byte[] array;
  final int limit;
  int at;

  /** Of the map or list that was begun last. */
  int keyType;

  int elementType;

  ThriftReader(byte[] array, int limit) {
    this.array = array;
    this.limit = limit;
  }

  abstract MessageHead readHead() throws MalformedThriftException;

  /**
   * The head of a struct's next field: its type in the upper 16 bits, its id in the lower ones; 0
   * at the end of the struct.
   *
   * @param lastField what this returned before, 0 for the first
   */
  abstract int readField(int lastField) throws MalformedThriftException;

  /** Number of entries of a map; their types are in {@link #keyType} and {@link #elementType}. */
  abstract int readMap() throws MalformedThriftException;

  /** Number of elements of a list or set; their type is in {@link #elementType}. */
  abstract int readList() throws MalformedThriftException;

  /** Length of a string, which follows and is there. */
  abstract int readLength() throws MalformedThriftException;

  abstract int readInt() throws MalformedThriftException;

  /** Skips an I16, I32 or I64. */
  abstract void skipInteger(int type) throws MalformedThriftException;

  static int field(int type, int id) {
    return type << 16 | id & 0xFFFF;
  }

  static int typeOf(int field) {
    return field >>> 16;
  }

  static int idOf(int field) {
    return (short) field;
  }

  final int remaining() {
    return limit - at;
  }

  /** Offset of the next {@code bytes} bytes, which are taken. */
  final int take(int bytes) throws MalformedThriftException {
    if (bytes > limit - at) {
      throw cutOff(bytes);
    }
    int start = at;
    at += bytes;
    return start;
  }

  final int readByte() throws MalformedThriftException {
    if (at >= limit) {
      throw cutOff(1);
    }
    return array[at++] & 0xFF;
  }

  final int readInt32() throws MalformedThriftException {
    int start = take(4);
    return (array[start] & 0xFF) << 24
        | (array[start + 1] & 0xFF) << 16
        | (array[start + 2] & 0xFF) << 8
        | array[start + 3] & 0xFF;
  }

  final String readString(int maxBytes, String what) throws MalformedThriftException {
    int bytes = readLength();
    if (bytes > maxBytes) {
      throw new MalformedThriftException(
          what + ": " + bytes + " bytes (expected: at most " + maxBytes + ")");
    }
    return new String(array, take(bytes), bytes, StandardCharsets.UTF_8);
  }

  /** Skips the value of a field or element. */
  final void skip(int type) throws MalformedThriftException {
    skip(type, 0);
  }

  private void skip(int type, int depth) throws MalformedThriftException {
    if (depth >= MAX_DEPTH) {
      throw new MalformedThriftException(
          "nesting at offset " + at + ": deeper than " + MAX_DEPTH + " levels");
    }
    switch (type) {
      case WireType.BOOL_IN_HEAD -> {}
      case WireType.BOOL, WireType.BYTE -> take(1);
      case WireType.I16, WireType.I32, WireType.I64 -> skipInteger(type);
      case WireType.DOUBLE -> take(8);
      case WireType.UUID -> take(16);
      case WireType.STRING -> take(readLength());
      case WireType.STRUCT -> {
        for (int field = readField(0); field != 0; field = readField(field)) {
          skip(typeOf(field), depth + 1);
        }
      }
      case WireType.MAP -> {
        int entries = readMap();
        int keys = keyType;
        int values = elementType;
        for (int i = 0; i < entries; i++) {
          skip(keys, depth + 1);
          skip(values, depth + 1);
        }
      }
      case WireType.SET, WireType.LIST -> {
        int elements = readList();
        int elementsType = elementType;
        for (int i = 0; i < elements; i++) {
          skip(elementsType, depth + 1);
        }
      }
      default -> throw new MalformedThriftException("type at offset " + at + ": " + type);
    }
  }

  /** A count that the remaining bytes can hold, at {@code minBytes} each. */
  final int checkedCount(int count, int minBytes, int offset) throws MalformedThriftException {
    if (count < 0 || count > (limit - at) / minBytes) {
      throw new MalformedThriftException(
          "count at offset "
              + offset
              + ": "
              + Integer.toUnsignedString(count)
              + " (expected: at most "
              + (limit - at) / minBytes
              + " by the bytes that remain)");
    }
    return count;
  }

  final int checkedLength(int length, int offset) throws MalformedThriftException {
    if (length < 0 || length > limit - at) {
      throw new MalformedThriftException(
          "length at offset "
              + offset
              + ": "
              + Integer.toUnsignedString(length)
              + " (expected: at most "
              + (limit - at)
              + ")");
    }
    return length;
  }

  private MalformedThriftException cutOff(int bytes) {
    return new MalformedThriftException(
        "cut off at offset "
            + at
            + " (expected: "
            + bytes
            + " bytes, there are "
            + remaining()
            + ")");
  }
}
