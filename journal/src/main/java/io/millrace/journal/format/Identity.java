/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Content of {@code lane.id} and {@code journal.id}: whose directory this is. Immutable. Format:
 * docs/formats/journal-v1.md#identity-files
 *
 * @param laneIndex {@link #NO_LANE} for the checkpoint directory
 */
public record Identity(UUID journalId, int laneIndex) {
  public static final int NO_LANE = -1;

  private static final long MAGIC = 0x4D494C4C49443031L;
  private static final int VERSION = 1;
  private static final int CRC_OFFSET = 32;
  private static final int FILE_BYTES = CRC_OFFSET + Integer.BYTES;

  public ByteBuffer encode() {
    ByteBuffer target = ByteBuffer.allocate(FILE_BYTES);
    target
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(laneIndex)
        .putLong(journalId.getMostSignificantBits())
        .putLong(journalId.getLeastSignificantBits())
        .putInt(Checksums.crc32c(target, 0, CRC_OFFSET));
    return target.flip();
  }

  /**
   * The identity that the buffer holds, or null if it is damaged.
   *
   * @throws NewerFormatException if a later version of Millrace wrote it
   */
  public static Identity decode(ByteBuffer source) throws NewerFormatException {
    if (source.limit() < FILE_BYTES
        || source.getLong(0) != MAGIC
        || source.getInt(CRC_OFFSET) != Checksums.crc32c(source, 0, CRC_OFFSET)) {
      return null;
    }
    NewerFormatException.checkVersion(source.getInt(8), VERSION);
    return new Identity(new UUID(source.getLong(16), source.getLong(24)), source.getInt(12));
  }
}
