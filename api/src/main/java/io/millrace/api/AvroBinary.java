/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Avro's variable-length integers over byte arrays: zig-zag, seven bits a byte, low group first.
 * Stateless.
 *
 * <p>Source: Avro 1.12 specification, "Binary encoding", primitive types int and long.
 */
public final class AvroBinary {
  /** Longest encoding of a long. */
  public static final int MAX_LONG_BYTES = 10;

  private AvroBinary() {}

  /** Number of bytes that {@code value} takes. */
  public static int longBytes(long value) {
    long zigzag = (value << 1) ^ (value >> 63);
    // Seven bits a byte, and one byte for zero.
    return (Long.SIZE + 6 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
  }

  /** Writes {@code value} and returns the offset behind it. */
  public static int writeLong(long value, byte[] target, int offset) {
    long zigzag = (value << 1) ^ (value >> 63);
    // As nearly all lengths of names and values are.
    if ((zigzag & ~0x7FL) == 0) {
      target[offset] = (byte) zigzag;
      return offset + 1;
    }
    int at = offset;
    while ((zigzag & ~0x7FL) != 0) {
      target[at++] = (byte) ((zigzag & 0x7F) | 0x80);
      zigzag >>>= 7;
    }
    target[at++] = (byte) zigzag;
    return at;
  }

  /**
   * Reads a long that ends before {@code limit}.
   *
   * @throws MalformedBatchException when the value is cut off or longer than ten bytes
   */
  public static long readLong(byte[] source, int offset, int limit) throws MalformedBatchException {
    long zigzag = 0;
    for (int shift = 0, at = offset; shift < 70; shift += 7, at++) {
      if (at >= limit) {
        throw new MalformedBatchException("integer at offset " + offset + " is cut off");
      }
      byte b = source[at];
      zigzag |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new MalformedBatchException("integer at offset " + offset + " is longer than 10 bytes");
  }

  /** Reads a long from bytes that have been validated before. */
  static long readTrusted(byte[] source, int offset) {
    long zigzag = source[offset];
    if (zigzag >= 0) {
      return (zigzag >>> 1) ^ -(zigzag & 1);
    }
    zigzag &= 0x7F;
    int shift = 7;
    int at = offset + 1;
    while (true) {
      byte b = source[at++];
      zigzag |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      shift += 7;
    }
  }

  /** Offset behind the integer that starts at {@code offset}, in validated or checked bytes. */
  public static int skipLong(byte[] source, int offset) {
    int at = offset;
    while (source[at] < 0) {
      at++;
    }
    return at + 1;
  }
}
