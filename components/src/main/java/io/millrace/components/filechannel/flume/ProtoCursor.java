/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

/**
 * Walks the fields of a protobuf message in a borrowed array. Believes no length beyond its limit.
 * Confined to one thread.
 */
final class ProtoCursor {
  static final int FIXED_64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int FIXED_32 = 5;
  private static final int VARINT = 0;

  private final byte[] bytes;
  private final int limit;
  private int at;
  private int tag;

  ProtoCursor(byte[] bytes, int offset, int limit) {
    this.bytes = bytes;
    this.at = offset;
    this.limit = limit;
  }

  int offset() {
    return at;
  }

  int limit() {
    return limit;
  }

  /** Moves on to the next field; false at the end of the message. */
  boolean next() throws UndecodableException {
    if (at == limit) {
      return false;
    }
    tag = (int) varint();
    if (field() == 0) {
      throw new UndecodableException("a field has the number 0");
    }
    return true;
  }

  int field() {
    return tag >>> 3;
  }

  /** Whether this is the field of that number and kind. */
  boolean is(int field, int kind) {
    return tag == (field << 3 | kind);
  }

  int fixed32() throws UndecodableException {
    require(4);
    int value = 0;
    for (int i = 3; i >= 0; i--) {
      value = value << 8 | bytes[at + i] & 0xff;
    }
    at += 4;
    return value;
  }

  long fixed64() throws UndecodableException {
    long low = fixed32() & 0xffffffffL;
    return (long) fixed32() << 32 | low;
  }

  /** The message or bytes that begin here, preceded by their length; moves behind them. */
  ProtoCursor nested() throws UndecodableException {
    long length = varint();
    require(length);
    int begin = at;
    at += (int) length;
    return new ProtoCursor(bytes, begin, at);
  }

  /** As {@link #nested}, for what may be cut off by the limit: only its length is read. */
  long nestedLength() throws UndecodableException {
    return varint();
  }

  /** Passes over the value of a field that is not known. */
  void skip() throws UndecodableException {
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED_64 -> fixed64();
      case LENGTH_DELIMITED -> nested();
      case FIXED_32 -> fixed32();
      default -> throw new UndecodableException("a field is of the unknown kind " + (tag & 7));
    }
  }

  private long varint() throws UndecodableException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      require(1);
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new UndecodableException("a length or tag is longer than 10 bytes");
  }

  private void require(long wanted) throws UndecodableException {
    if (wanted < 0 || wanted > limit - at) {
      throw new UndecodableException(
          "a length of " + wanted + " bytes (expected: at most " + (limit - at) + ")");
    }
  }
}
