/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Fingerprint of the bytes right before a position: their number and CRC32C. It tells a file that
 * grew from one that was truncated and grew past the position again, and from another file on the
 * same inode. Zero bytes match everything: nothing is known. Immutable.
 */
record Mark(int bytes, int crc) {
  /** Most bytes a mark covers; enough to hold a time stamp or a counter of any log line. */
  static final int MAX_BYTES = 256;

  static final Mark UNKNOWN = new Mark(0, 0);

  /** That a line ends at the position: what is known of a position without a mark. */
  static final Mark LINE_END = of("\n".getBytes(StandardCharsets.US_ASCII), 1);

  /** Mark of the position that {@code end} is in the array, over the bytes before it. */
  static Mark of(byte[] array, int end) {
    int bytes = Math.min(end, MAX_BYTES);
    return new Mark(bytes, crc(array, end - bytes, bytes));
  }

  boolean isKnown() {
    return bytes > 0;
  }

  /** Whether the bytes before {@code end} are those of this mark. */
  boolean matches(byte[] array, int end) {
    return bytes <= end && crc(array, end - bytes, bytes) == crc;
  }

  private static int crc(byte[] array, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    CRC32C crc = new CRC32C();
    crc.update(array, offset, length);
    return (int) crc.getValue();
  }
}
