/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** Thrift's binary protocol; the format stands at {@link BinaryReader}. */
final class BinaryWriter extends ThriftWriter {
  BinaryWriter(int expectedBytes) {
    super(expectedBytes);
  }

  @Override
  void writeHead(MessageType type, String name, int sequenceId) {
    writeInt32(BinaryReader.VERSION_1 | type.code());
    writeString(name);
    writeInt32(sequenceId);
  }

  @Override
  void writeField(int type, int id, int lastId) {
    ensure(MAX_HEAD_BYTES);
    array[at++] = (byte) type;
    array[at++] = (byte) (id >> 8);
    array[at++] = (byte) id;
  }

  @Override
  void writeList(int elementType, int count) {
    ensure(MAX_HEAD_BYTES);
    array[at++] = (byte) elementType;
    writeInt32(count);
  }

  @Override
  void writeMap(int count) {
    ensure(MAX_HEAD_BYTES);
    array[at++] = WireType.STRING;
    array[at++] = WireType.STRING;
    writeInt32(count);
  }

  @Override
  void correctMap(int mapOffset, int wrongCount, int count) {
    int end = at;
    at = mapOffset;
    writeMap(count);
    at = end;
  }

  @Override
  void writeLength(int bytes) {
    writeInt32(bytes);
  }

  @Override
  void writeInt(int value) {
    writeInt32(value);
  }
}
