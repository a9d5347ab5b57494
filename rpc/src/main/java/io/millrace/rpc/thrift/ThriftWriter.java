/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes what we send. Confined to one thread. */
abstract class ThriftWriter {
  /** Most that any of the heads and lengths takes. */
  static final int MAX_HEAD_BYTES = 16;

  byte[] array;
  int at;

  ThriftWriter(int expectedBytes) {
    array = new byte[Math.max(MAX_HEAD_BYTES, expectedBytes)];
  }

  abstract void writeHead(MessageType type, String name, int sequenceId);

  /** Fields come in ascending order; {@code lastId} is the id before, 0 at first. */
  abstract void writeField(int type, int id, int lastId);

  abstract void writeList(int elementType, int count);

  /** Head of a map of strings to strings. */
  abstract void writeMap(int count);

  /** Writes the map's head anew, now that the count is known; moves what was written behind it. */
  abstract void correctMap(int mapOffset, int wrongCount, int count);

  abstract void writeLength(int bytes);

  abstract void writeInt(int value);

  final void writeStop() {
    ensure(1);
    array[at++] = 0;
  }

  final void writeBytes(byte[] source, int offset, int bytes) {
    ensure(MAX_HEAD_BYTES + (long) bytes);
    writeLength(bytes);
    System.arraycopy(source, offset, array, at, bytes);
    at += bytes;
  }

  final void writeString(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeBytes(bytes, 0, bytes.length);
  }

  final void writeInt32(int value) {
    ensure(4);
    array[at] = (byte) (value >>> 24);
    array[at + 1] = (byte) (value >>> 16);
    array[at + 2] = (byte) (value >>> 8);
    array[at + 3] = (byte) value;
    at += 4;
  }

  final byte[] toBytes() {
    return Arrays.copyOf(array, at);
  }

  final void ensure(long more) {
    long needed = at + more;
    if (needed > array.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new IllegalArgumentException(
            "message: " + needed + " bytes (expected: less than 2 GiB)");
      }
      long doubled = Math.min(Integer.MAX_VALUE - 16, array.length * 2L);
      array = Arrays.copyOf(array, (int) Math.max(needed, doubled));
    }
  }
}
