/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

/** Counts in UTF-8 bytes. Stateless. */
final class Utf8 {
  /** Most UTF-8 bytes of a UTF-16 character. */
  static final int MAX_BYTES_PER_CHAR = 3;

  private Utf8() {}

  /** Characters as Java counts them (UTF-16 units) in valid UTF-8. */
  static int chars(byte[] array, int offset, int length) {
    int chars = 0;
    for (int i = offset; i < offset + length; i++) {
      int b = array[i] & 0xFF;
      if ((b & 0xC0) != 0x80) {
        chars += b >= 0xF0 ? 2 : 1;
      }
    }
    return chars;
  }
}
