/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C over arrays and buffers. Immutable. */
public final class Checksums {
  private Checksums() {}

  public static int crc32c(byte[] array, int offset, int bytes) {
    CRC32C crc = new CRC32C();
    crc.update(array, offset, bytes);
    return (int) crc.getValue();
  }

  /**
   * Over {@code bytes} bytes from absolute {@code offset}; the buffer's own marks stay as they are.
   */
  public static int crc32c(ByteBuffer buffer, int offset, int bytes) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.duplicate().clear().position(offset).limit(offset + bytes));
    return (int) crc.getValue();
  }
}
