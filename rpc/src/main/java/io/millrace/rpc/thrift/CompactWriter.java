/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** Thrift's compact protocol; the format stands at {@link CompactReader}. */
final class CompactWriter extends ThriftWriter {
  private static final int STRING_TO_STRING = 0x88;
  private static final int MAX_SHORT_COUNT = 14;

  CompactWriter(int expectedBytes) {
    super(expectedBytes);
  }

  @Override
  void writeHead(MessageType type, String name, int sequenceId) {
    ensure(MAX_HEAD_BYTES);
    array[at++] = (byte) CompactReader.PROTOCOL_ID;
    array[at++] = (byte) (type.code() << 5 | CompactReader.VERSION);
    writeVarint(sequenceId);
    writeString(name);
  }

  @Override
  void writeField(int type, int id, int lastId) {
    ensure(MAX_HEAD_BYTES);
    int delta = id - lastId;
    if (delta > 0 && delta <= 15) {
      array[at++] = (byte) (delta << 4 | code(type));
    } else {
      array[at++] = (byte) code(type);
      writeVarint(id << 1 ^ id >> 31);
    }
  }

  @Override
  void writeList(int elementType, int count) {
    ensure(MAX_HEAD_BYTES);
    if (count <= MAX_SHORT_COUNT) {
      array[at++] = (byte) (count << 4 | code(elementType));
    } else {
      array[at++] = (byte) (0xF0 | code(elementType));
      writeVarint(count);
    }
  }

  @Override
  void writeMap(int count) {
    ensure(MAX_HEAD_BYTES);
    writeVarint(count);
    if (count > 0) {
      array[at++] = (byte) STRING_TO_STRING;
    }
  }

  @Override
  void correctMap(int mapOffset, int wrongCount, int count) {
    int shift = varintBytes(count) - varintBytes(wrongCount);
    ensure(shift);
    int entriesOffset = mapOffset + varintBytes(wrongCount);
    System.arraycopy(array, entriesOffset, array, entriesOffset + shift, at - entriesOffset);
    int end = at + shift;
    at = mapOffset;
    writeVarint(count);
    at = end;
  }

  @Override
  void writeLength(int bytes) {
    ensure(MAX_HEAD_BYTES);
    writeVarint(bytes);
  }

  @Override
  void writeInt(int value) {
    ensure(MAX_HEAD_BYTES);
    writeVarint(value << 1 ^ value >> 31);
  }

  private void writeVarint(int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      array[at++] = (byte) (rest & 0x7F | 0x80);
      rest >>>= 7;
    }
    array[at++] = (byte) rest;
  }

  private static int varintBytes(int value) {
    int bytes = 1;
    for (int rest = value >>> 7; rest != 0; rest >>>= 7) {
      bytes++;
    }
    return bytes;
  }

  private static int code(int type) {
    return switch (type) {
      case WireType.I32 -> 5;
      case WireType.STRING -> 8;
      case WireType.LIST -> 9;
      case WireType.MAP -> 11;
      case WireType.STRUCT -> 12;
      default -> throw new IllegalArgumentException("type: " + type + " (expected: one we send)");
    };
  }
}
