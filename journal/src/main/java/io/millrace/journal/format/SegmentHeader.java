/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import static io.millrace.journal.format.SegmentHeaderLayout.BLOCK_BYTES;
import static io.millrace.journal.format.SegmentHeaderLayout.FIRST_SEQUENCE_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.HEADER_BYTES;
import static io.millrace.journal.format.SegmentHeaderLayout.HEADER_CRC_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.JOURNAL_ID_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.KIND_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.KIND_SPARE;
import static io.millrace.journal.format.SegmentHeaderLayout.KIND_USED;
import static io.millrace.journal.format.SegmentHeaderLayout.LANE_INDEX_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.LOW_WATER_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.MAGIC;
import static io.millrace.journal.format.SegmentHeaderLayout.MAGIC_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.ORDINAL_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.REQUIRED_FEATURES_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.SEGMENT_ID_OFFSET;
import static io.millrace.journal.format.SegmentHeaderLayout.VERSION;
import static io.millrace.journal.format.SegmentHeaderLayout.VERSION_OFFSET;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A decoded segment header. Immutable.
 *
 * @param use ordinal 0 and id 0 in a spare, which was never used
 * @param features bits of {@link SegmentFeatures}
 * @param lowWater every sequence below it was acknowledged when the segment was begun
 */
public record SegmentHeader(
    UUID journalId,
    int laneIndex,
    int features,
    SegmentUse use,
    long firstSequence,
    long lowWater) {

  private static final SegmentUse NEVER_USED = new SegmentUse(0, 0);

  public static SegmentHeader spare(UUID journalId, int laneIndex) {
    return new SegmentHeader(journalId, laneIndex, 0, NEVER_USED, 0, 0);
  }

  public boolean isSpare() {
    return use.ordinal() == 0;
  }

  /** Puts the header and the zeros behind it, one block, at the buffer's position. */
  public void encodeBlock(ByteBuffer target) {
    int at = target.position();
    for (int offset = 0; offset < BLOCK_BYTES; offset += Long.BYTES) {
      target.putLong(at + offset, 0);
    }
    target.putLong(at + MAGIC_OFFSET, MAGIC);
    target.putShort(at + VERSION_OFFSET, VERSION);
    target.putShort(at + KIND_OFFSET, isSpare() ? KIND_SPARE : KIND_USED);
    target.putInt(at + REQUIRED_FEATURES_OFFSET, features);
    target.putLong(at + JOURNAL_ID_OFFSET, journalId.getMostSignificantBits());
    target.putLong(at + JOURNAL_ID_OFFSET + Long.BYTES, journalId.getLeastSignificantBits());
    target.putInt(at + LANE_INDEX_OFFSET, laneIndex);
    target.putLong(at + ORDINAL_OFFSET, use.ordinal());
    target.putLong(at + SEGMENT_ID_OFFSET, use.id());
    target.putLong(at + FIRST_SEQUENCE_OFFSET, firstSequence);
    target.putLong(at + LOW_WATER_OFFSET, lowWater);
    target.putInt(at + HEADER_CRC_OFFSET, Checksums.crc32c(target, at, HEADER_CRC_OFFSET));
    target.position(at + BLOCK_BYTES);
  }

  /**
   * The header at offset 0, or null if the bytes are damaged or none.
   *
   * @throws NewerFormatException if a later version of Millrace wrote it
   */
  public static SegmentHeader decode(ByteBuffer source) throws NewerFormatException {
    if (source.limit() < HEADER_BYTES
        || source.getLong(MAGIC_OFFSET) != MAGIC
        || source.getInt(HEADER_CRC_OFFSET) != Checksums.crc32c(source, 0, HEADER_CRC_OFFSET)) {
      return null;
    }
    NewerFormatException.checkVersion(source.getShort(VERSION_OFFSET), VERSION);
    NewerFormatException.checkFeatures(source.getInt(REQUIRED_FEATURES_OFFSET));
    return new SegmentHeader(
        new UUID(source.getLong(JOURNAL_ID_OFFSET), source.getLong(JOURNAL_ID_OFFSET + Long.BYTES)),
        source.getInt(LANE_INDEX_OFFSET),
        source.getInt(REQUIRED_FEATURES_OFFSET),
        new SegmentUse(source.getLong(ORDINAL_OFFSET), source.getLong(SEGMENT_ID_OFFSET)),
        source.getLong(FIRST_SEQUENCE_OFFSET),
        source.getLong(LOW_WATER_OFFSET));
  }
}
