/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads Avro's binary encoding. */
final class AvroBytes {
  private AvroBytes() {}

  static long readLong(ByteBuffer in) {
    long value = 0;
    int shift = 0;
    int part;
    do {
      part = in.get();
      value |= (long) (part & 0x7F) << shift;
      shift += 7;
    } while ((part & 0x80) != 0);
    return (value >>> 1) ^ -(value & 1);
  }

  static byte[] readBytes(ByteBuffer in) {
    byte[] bytes = new byte[(int) readLong(in)];
    in.get(bytes);
    return bytes;
  }

  static void skip(ByteBuffer in, int bytes) {
    in.position(in.position() + bytes);
  }

  /** How many items the next block of an array or map has; 0 at its end. */
  static long readBlock(ByteBuffer in) {
    long items = readLong(in);
    if (items < 0) {
      readLong(in);
    }
    return Math.abs(items);
  }

  static Map<String, byte[]> readMap(ByteBuffer in) {
    Map<String, byte[]> map = new LinkedHashMap<>();
    for (long items = readBlock(in); items != 0; items = readBlock(in)) {
      for (long i = 0; i < items; i++) {
        map.put(new String(readBytes(in), StandardCharsets.UTF_8), readBytes(in));
      }
    }
    return map;
  }
}
