/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.NewerFormatException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Which copies of a lane hold everything, as one of them knows it. Immutable. Format:
 * docs/formats/journal-v1.md#second-copy
 *
 * @param member the copy that this state lies in: 0 the data directory, 1 the second copy
 * @param pairId drawn when the first state of the lane was written; both copies have it
 * @param generation the higher one is the later one
 * @param contained this copy holds all that the other one held at any generation up to this one
 * @param inSync bit 0 for member 0, bit 1 for member 1
 */
public record CopyState(int member, UUID pairId, long generation, long contained, int inSync) {
  public static final int WITNESS = -1;

  static final int SLOT_BYTES = 4096;

  private static final long MAGIC = 0x4D494C4C43505931L;
  private static final int VERSION = 1;
  private static final int CRC_OFFSET = 52;
  private static final int STATE_BYTES = CRC_OFFSET + Integer.BYTES;

  boolean includes(int candidate) {
    return (inSync & bit(candidate)) != 0;
  }

  /** Leaves room for all that the other copy may have come to when it was last seen. */
  static long afterUnseen(long generation) {
    return generation + (1L << 32);
  }

  /** As seen from another place, to which its directory was moved. */
  CopyState movedTo(int place) {
    int swapped = (includes(0) ? bit(1) : 0) | (includes(1) ? bit(0) : 0);
    return place == member ? this : new CopyState(place, pairId, generation, contained, swapped);
  }

  static int bit(int member) {
    return 1 << member;
  }

  /** A slot, padded with zeros. */
  public ByteBuffer encode() {
    ByteBuffer target = ByteBuffer.allocate(SLOT_BYTES);
    target
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(member)
        .putLong(pairId.getMostSignificantBits())
        .putLong(pairId.getLeastSignificantBits())
        .putLong(generation)
        .putLong(contained)
        .putInt(inSync)
        .putInt(Checksums.crc32c(target, 0, CRC_OFFSET));
    return target.clear();
  }

  /**
   * The state that starts at an offset, or null if it is damaged.
   *
   * @throws NewerFormatException if a later version of Millrace wrote it
   */
  public static CopyState decode(ByteBuffer source, int offset) throws NewerFormatException {
    if (source.limit() < offset + STATE_BYTES
        || source.getLong(offset) != MAGIC
        || source.getInt(offset + CRC_OFFSET) != Checksums.crc32c(source, offset, CRC_OFFSET)) {
      return null;
    }
    NewerFormatException.checkVersion(source.getInt(offset + 8), VERSION);
    return new CopyState(
        source.getInt(offset + 12),
        new UUID(source.getLong(offset + 16), source.getLong(offset + 24)),
        source.getLong(offset + 32),
        source.getLong(offset + 40),
        source.getInt(offset + 48));
  }
}
