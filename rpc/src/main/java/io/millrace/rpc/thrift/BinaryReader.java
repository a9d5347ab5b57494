/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/**
 * Thrift's binary protocol; all integers big-endian.
 *
 * <pre>
 *   head   = 8001:int16 00 type:int8 name sequence:int32     name, string = length:int32 byte*
 *          | name type:int8 sequence:int32                   of old clients
 *   field  = type:int8 id:int16 | 00
 *   list   = type:int8 count:int32
 *   map    = keyType:int8 valueType:int8 count:int32
 * </pre>
 *
 * Confined to one thread.
 */
final class BinaryReader extends ThriftReader {
  static final int VERSION_1 = 0x80010000;

  private static final int VERSION_MASK = 0xFFFF0000;

  BinaryReader(byte[] array, int limit) {
    super(array, limit);
  }

  @Override
  MessageHead readHead() throws MalformedThriftException {
    if (limit > 0 && (array[0] & 0xFF) == CompactReader.PROTOCOL_ID) {
      throw new MalformedThriftException(
          "message begins with 82, the compact protocol (expected: 8001, the binary protocol)");
    }
    int first = readInt32();
    if (first < 0) {
      if ((first & VERSION_MASK) != VERSION_1) {
        throw new MalformedThriftException(
            "message begins with "
                + Integer.toHexString(first)
                + " (expected: 8001, the binary protocol)");
      }
      MessageType type = MessageType.of(first & 0xFF);
      String name = readString(MessageHead.MAX_NAME_BYTES, "message name");
      return new MessageHead(type, name, readInt32());
    }
    at = 0;
    String name = readString(MessageHead.MAX_NAME_BYTES, "message name");
    MessageType type = MessageType.of(readByte());
    return new MessageHead(type, name, readInt32());
  }

  @Override
  int readField(int lastField) throws MalformedThriftException {
    int type = readByte();
    if (type == WireType.STOP) {
      return 0;
    }
    int start = take(2);
    return field(checkedType(type), array[start] << 8 | array[start + 1] & 0xFF);
  }

  @Override
  int readMap() throws MalformedThriftException {
    keyType = readByte();
    elementType = readByte();
    int offset = at;
    int count = checkedCount(readInt32(), 2, offset);
    if (count > 0) {
      checkedType(keyType);
      checkedType(elementType);
    }
    return count;
  }

  @Override
  int readList() throws MalformedThriftException {
    elementType = readByte();
    int offset = at;
    int count = checkedCount(readInt32(), 1, offset);
    if (count > 0) {
      checkedType(elementType);
    }
    return count;
  }

  @Override
  int readLength() throws MalformedThriftException {
    int offset = at;
    return checkedLength(readInt32(), offset);
  }

  @Override
  int readInt() throws MalformedThriftException {
    return readInt32();
  }

  @Override
  void skipInteger(int type) throws MalformedThriftException {
    take(type == WireType.I64 ? 8 : type == WireType.I32 ? 4 : 2);
  }

  /** Types without bytes would let a count mean any amount of work. */
  private int checkedType(int type) throws MalformedThriftException {
    if (type < WireType.BOOL || type > WireType.UUID || type == 5 || type == 7 || type == 9) {
      throw new MalformedThriftException("type before offset " + at + ": " + type);
    }
    return type;
  }
}
