/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import static io.millrace.journal.format.CheckpointLayout.CRC_BYTES;
import static io.millrace.journal.format.CheckpointLayout.DIGEST_SIZE_BYTES;
import static io.millrace.journal.format.CheckpointLayout.JOURNAL_ID_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.LANE_INDEX_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.LOW_WATER_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.MAGIC;
import static io.millrace.journal.format.CheckpointLayout.MAGIC_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.NEXT_SEQUENCE_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.RANGES_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.RANGE_BYTES;
import static io.millrace.journal.format.CheckpointLayout.RANGE_COUNT_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.TAIL_ORDINAL_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.TAIL_POSITION_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.TAIL_SEGMENT_ID_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.TAIL_SEQUENCE_OFFSET;
import static io.millrace.journal.format.CheckpointLayout.VERSION;
import static io.millrace.journal.format.CheckpointLayout.VERSION_OFFSET;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A hint for recovery: how far a lane had come. Immutable.
 *
 * @param nextSequence every sequence below it was synced, or is acknowledged
 * @param tail the last segment; ordinal 0 if there is none
 * @param tailPosition every frame of the tail segment below it was synced
 * @param digest of all notes of this lane before tailPosition, and perhaps more; null for none
 * @param tailSequence sequence of the first frame at or after tailPosition
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Checkpoint(
    UUID journalId,
    int laneIndex,
    long nextSequence,
    SegmentUse tail,
    long tailPosition,
    long tailSequence,
    long lowWater,
    List<SequenceRange> ranges,
    byte[] digest) {

  public Checkpoint {
    ranges = List.copyOf(ranges);
  }

  public ByteBuffer encode() {
    int digestOffset = RANGES_OFFSET + ranges.size() * RANGE_BYTES;
    int crcOffset = digestOffset + (digest == null ? 0 : DIGEST_SIZE_BYTES + digest.length);
    ByteBuffer target = ByteBuffer.allocate(crcOffset + CRC_BYTES);
    target.putLong(MAGIC_OFFSET, MAGIC);
    target.putInt(VERSION_OFFSET, VERSION);
    target.putInt(LANE_INDEX_OFFSET, laneIndex);
    target.putLong(JOURNAL_ID_OFFSET, journalId.getMostSignificantBits());
    target.putLong(JOURNAL_ID_OFFSET + Long.BYTES, journalId.getLeastSignificantBits());
    target.putLong(NEXT_SEQUENCE_OFFSET, nextSequence);
    target.putLong(TAIL_ORDINAL_OFFSET, tail.ordinal());
    target.putLong(TAIL_SEGMENT_ID_OFFSET, tail.id());
    target.putLong(TAIL_POSITION_OFFSET, tailPosition);
    target.putLong(TAIL_SEQUENCE_OFFSET, tailSequence);
    target.putLong(LOW_WATER_OFFSET, lowWater);
    target.putInt(RANGE_COUNT_OFFSET, ranges.size());
    int at = RANGES_OFFSET;
    for (SequenceRange range : ranges) {
      target.putLong(at, range.first());
      target.putLong(at + Long.BYTES, range.end());
      at += RANGE_BYTES;
    }
    if (digest != null) {
      target.putInt(at, digest.length);
      target.put(at + DIGEST_SIZE_BYTES, digest);
    }
    target.putInt(crcOffset, Checksums.crc32c(target, 0, crcOffset));
    return target;
  }

  /** The checkpoint that fills the buffer exactly, or null if it is damaged or from elsewhere. */
  public static Checkpoint decode(ByteBuffer source) {
    int bytes = source.limit();
    if (bytes < RANGES_OFFSET + CRC_BYTES
        || source.getLong(MAGIC_OFFSET) != MAGIC
        || source.getInt(VERSION_OFFSET) != VERSION
        || source.getInt(bytes - CRC_BYTES) != Checksums.crc32c(source, 0, bytes - CRC_BYTES)) {
      return null;
    }
    int rangeCount = source.getInt(RANGE_COUNT_OFFSET);
    int crcOffset = bytes - CRC_BYTES;
    if (rangeCount < 0 || rangeCount > (crcOffset - RANGES_OFFSET) / RANGE_BYTES) {
      return null;
    }
    int digestOffset = RANGES_OFFSET + rangeCount * RANGE_BYTES;
    byte[] digest = null;
    if (digestOffset < crcOffset) {
      digest = new byte[Math.max(0, crcOffset - digestOffset - DIGEST_SIZE_BYTES)];
      if (source.getInt(digestOffset) != digest.length) {
        return null;
      }
      source.get(digestOffset + DIGEST_SIZE_BYTES, digest);
    }
    List<SequenceRange> ranges = new ArrayList<>(rangeCount);
    for (int at = RANGES_OFFSET; at < digestOffset; at += RANGE_BYTES) {
      ranges.add(new SequenceRange(source.getLong(at), source.getLong(at + Long.BYTES)));
    }
    return new Checkpoint(
        new UUID(source.getLong(JOURNAL_ID_OFFSET), source.getLong(JOURNAL_ID_OFFSET + Long.BYTES)),
        source.getInt(LANE_INDEX_OFFSET),
        source.getLong(NEXT_SEQUENCE_OFFSET),
        new SegmentUse(source.getLong(TAIL_ORDINAL_OFFSET), source.getLong(TAIL_SEGMENT_ID_OFFSET)),
        source.getLong(TAIL_POSITION_OFFSET),
        source.getLong(TAIL_SEQUENCE_OFFSET),
        source.getLong(LOW_WATER_OFFSET),
        ranges,
        digest);
  }
}
