/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/**
 * Thrift's compact protocol.
 *
 * <pre>
 *   head   = 82 (type&lt;&lt;5 | 01) sequence:varint name          name, string = length:varint byte*
 *   field  = (idDelta&lt;&lt;4 | type) | type id:zigzag
 *   list   = (count&lt;&lt;4 | type) | (F0 | type) count:varint
 *   map    = 00 | count:varint (keyType&lt;&lt;4 | valueType)
 * </pre>
 *
 * Confined to one thread.
 */
final class CompactReader extends ThriftReader {
  static final int PROTOCOL_ID = 0x82;
  static final int VERSION = 1;

  private static final int VERSION_MASK = 0x1F;
  private static final int TYPE_SHIFT = 5;
  private static final int BOOLEAN_FALSE = 2;
  private static final int LONG_COUNT = 15;

  /** By the protocol's code of a type; -1 where there is none. */
  private static final byte[] TYPES = {
    -1,
    WireType.BOOL,
    WireType.BOOL,
    WireType.BYTE,
    WireType.I16,
    WireType.I32,
    WireType.I64,
    WireType.DOUBLE,
    WireType.STRING,
    WireType.LIST,
    WireType.SET,
    WireType.MAP,
    WireType.STRUCT,
    WireType.UUID,
    -1,
    -1
  };

  CompactReader(byte[] array, int limit) {
    super(array, limit);
  }

  @Override
  MessageHead readHead() throws MalformedThriftException {
    int protocol = readByte();
    if (protocol != PROTOCOL_ID) {
      throw new MalformedThriftException(
          "message begins with "
              + Integer.toHexString(protocol)
              + (protocol == 0x80 ? ", the binary protocol" : "")
              + " (expected: 82, the compact protocol)");
    }
    int versionAndType = readByte();
    if ((versionAndType & VERSION_MASK) != VERSION) {
      throw new MalformedThriftException(
          "version of the compact protocol: " + (versionAndType & VERSION_MASK) + " (expected: 1)");
    }
    MessageType type = MessageType.of(versionAndType >>> TYPE_SHIFT);
    int sequenceId = readVarint();
    return new MessageHead(
        type, readString(MessageHead.MAX_NAME_BYTES, "message name"), sequenceId);
  }

  @Override
  int readField(int lastField) throws MalformedThriftException {
    int head = readByte();
    if (head == 0) {
      return 0;
    }
    int code = head & 0x0F;
    int type = code == 1 || code == BOOLEAN_FALSE ? WireType.BOOL_IN_HEAD : type(code);
    int delta = head >>> 4;
    if (delta != 0) {
      return field(type, idOf(lastField) + delta);
    }
    int offset = at;
    int zigzag = readVarint();
    int id = zigzag >>> 1 ^ -(zigzag & 1);
    if (id != (short) id) {
      throw new MalformedThriftException("field id at offset " + offset + ": " + id);
    }
    return field(type, id);
  }

  @Override
  int readMap() throws MalformedThriftException {
    int offset = at;
    int count = readVarint();
    if (count == 0) {
      keyType = WireType.STRING;
      elementType = WireType.STRING;
      return 0;
    }
    int types = readByte();
    keyType = type(types >>> 4);
    elementType = type(types & 0x0F);
    return checkedCount(count, 2, offset);
  }

  @Override
  int readList() throws MalformedThriftException {
    int offset = at;
    int head = readByte();
    int count = head >>> 4;
    elementType = type(head & 0x0F);
    return checkedCount(count == LONG_COUNT ? readVarint() : count, 1, offset);
  }

  @Override
  int readLength() throws MalformedThriftException {
    int offset = at;
    return checkedLength(readVarint(), offset);
  }

  @Override
  int readInt() throws MalformedThriftException {
    int zigzag = readVarint();
    return zigzag >>> 1 ^ -(zigzag & 1);
  }

  @Override
  void skipInteger(int type) throws MalformedThriftException {
    int offset = at;
    int maxBytes = type == WireType.I64 ? 10 : type == WireType.I32 ? 5 : 3;
    for (int i = 0; i < maxBytes; i++) {
      if (readByte() < 0x80) {
        return;
      }
    }
    throw tooLong(offset, maxBytes);
  }

  /** Unsigned, of at most 32 bits. */
  private int readVarint() throws MalformedThriftException {
    int offset = at;
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int part = readByte();
      value |= (part & 0x7F) << shift;
      if (part < 0x80) {
        if (shift == 28 && part > 0x0F) {
          break;
        }
        return value;
      }
    }
    throw tooLong(offset, 5);
  }

  private int type(int code) throws MalformedThriftException {
    int type = TYPES[code];
    if (type < 0) {
      throw new MalformedThriftException("type before offset " + at + ": " + code);
    }
    return type;
  }

  private static MalformedThriftException tooLong(int offset, int bytes) {
    return new MalformedThriftException(
        "integer at offset "
            + offset
            + " (expected: at most "
            + bytes
            + " bytes, and no overflow)");
  }
}
