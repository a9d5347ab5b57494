/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * A header map in Avro binary, encoded once and copied into many events. Immutable.
 *
 * @since 0.1
 */
public final class EncodedHeaders {
  public static final EncodedHeaders NONE = new EncodedHeaders(new byte[] {0});

  private final byte[] bytes;

  private EncodedHeaders(byte[] bytes) {
    this.bytes = bytes;
  }

  public static EncodedHeaders of(Map<String, String> headers) {
    if (headers.isEmpty()) {
      return NONE;
    }
    byte[][] strings = new byte[headers.size() * 2][];
    int total = AvroBinary.longBytes(headers.size()) + 1;
    int i = 0;
    for (Map.Entry<String, String> header : headers.entrySet()) {
      strings[i++] = header.getKey().getBytes(StandardCharsets.UTF_8);
      strings[i++] = header.getValue().getBytes(StandardCharsets.UTF_8);
    }
    for (byte[] string : strings) {
      total = Math.addExact(total, AvroBinary.longBytes(string.length) + string.length);
    }
    byte[] bytes = new byte[total];
    int at = AvroBinary.writeLong(headers.size(), bytes, 0);
    for (byte[] string : strings) {
      at = writeBytes(string, bytes, at);
    }
    return new EncodedHeaders(bytes);
  }

  /** A map block of one entry, without the map's end. */
  static byte[] entryBlock(String name, String value) {
    byte[] encodedName = name.getBytes(StandardCharsets.UTF_8);
    byte[] encodedValue = value.getBytes(StandardCharsets.UTF_8);
    byte[] block =
        new byte
            [1
                + AvroBinary.longBytes(encodedName.length)
                + encodedName.length
                + AvroBinary.longBytes(encodedValue.length)
                + encodedValue.length];
    int at = AvroBinary.writeLong(1, block, 0);
    at = writeBytes(encodedName, block, at);
    writeBytes(encodedValue, block, at);
    return block;
  }

  private static int writeBytes(byte[] string, byte[] target, int offset) {
    int at = AvroBinary.writeLong(string.length, target, offset);
    System.arraycopy(string, 0, target, at, string.length);
    return at + string.length;
  }

  /** Number of headers. */
  int count() {
    return bytes[0] == 0 ? 0 : (int) AvroBinary.readTrusted(bytes, 0);
  }

  /** Length of the entries, without their count and the end. */
  int entryBytes() {
    return bytes[0] == 0 ? 0 : bytes.length - AvroBinary.skipLong(bytes, 0) - 1;
  }

  int copyEntriesTo(byte[] target, int offset) {
    int entryBytes = entryBytes();
    System.arraycopy(bytes, bytes.length - 1 - entryBytes, target, offset, entryBytes);
    return offset + entryBytes;
  }

  int encodedBytes() {
    return bytes.length;
  }

  int copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, bytes.length);
    return offset + bytes.length;
  }
}
