/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stands behind a frame's payload: its note, then a digest of the notes before, each followed
 * by a checksum of its own, so that damage to one costs nothing else. Their sizes are in the
 * frame's header. The checksum covers the frame's headerCrc too, so that neither can pass for that
 * of another frame. Format: docs/formats/journal-v1.md#attachment
 *
 * <pre>
 * note, noteBytes - 4 bytes     crc u32
 * digest, the rest less 4 bytes crc u32
 * </pre>
 */
public final class AttachmentLayout {
  public static final int CRC_BYTES = 4;

  private AttachmentLayout() {}

  /**
   * Bytes that a note or digest takes with its checksum.
   *
   * @param part null if there is none
   */
  public static int storedBytes(byte[] part) {
    return part == null ? 0 : part.length + CRC_BYTES;
  }

  /** Over the first {@code bytes} bytes of a note or digest. */
  public static int crc(int headerCrc, byte[] part, int bytes) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(Integer.BYTES).putInt(headerCrc).flip());
    crc.update(part, 0, bytes);
    return (int) crc.getValue();
  }
}
