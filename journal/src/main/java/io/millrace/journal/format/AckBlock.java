/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import static io.millrace.journal.format.AckBlockLayout.CRC_BYTES;
import static io.millrace.journal.format.AckBlockLayout.GENERATION_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.KIND_ADDITION;
import static io.millrace.journal.format.AckBlockLayout.KIND_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.KIND_SNAPSHOT;
import static io.millrace.journal.format.AckBlockLayout.LANE_KEY_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.LOW_WATER_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.MAGIC;
import static io.millrace.journal.format.AckBlockLayout.MAGIC_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.POSITION_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.RANGES_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.RANGE_BYTES;
import static io.millrace.journal.format.AckBlockLayout.RANGE_COUNT_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.RESERVED_OFFSET;
import static io.millrace.journal.format.AckBlockLayout.VERSION;
import static io.millrace.journal.format.AckBlockLayout.VERSION_OFFSET;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A block of the acknowledgement log: a snapshot of the whole state, or an addition to it.
 * Immutable.
 *
 * @param lowWater every sequence below it is acknowledged; 0 says nothing
 */
public record AckBlock(
    boolean isSnapshot,
    long laneKey,
    long generation,
    int position,
    long lowWater,
    List<SequenceRange> ranges) {

  public AckBlock {
    ranges = List.copyOf(ranges);
  }

  /** What tells the acknowledgements of one lane of one journal from all others. */
  public static long laneKey(UUID journalId, int laneIndex) {
    return journalId.getMostSignificantBits() ^ journalId.getLeastSignificantBits() ^ laneIndex;
  }

  public long blockBytes() {
    return AckBlockLayout.blockBytes(ranges.size());
  }

  /** The block with the zeros behind it, ready to be written at its position. */
  public ByteBuffer encode() {
    ByteBuffer target = ByteBuffer.allocate(Math.toIntExact(blockBytes()));
    target.putInt(MAGIC_OFFSET, MAGIC);
    target.put(VERSION_OFFSET, VERSION);
    target.put(KIND_OFFSET, isSnapshot ? KIND_SNAPSHOT : KIND_ADDITION);
    target.putShort(RESERVED_OFFSET, (short) 0);
    target.putLong(LANE_KEY_OFFSET, laneKey);
    target.putLong(GENERATION_OFFSET, generation);
    target.putInt(POSITION_OFFSET, position);
    target.putInt(RANGE_COUNT_OFFSET, ranges.size());
    target.putLong(LOW_WATER_OFFSET, lowWater);
    int at = RANGES_OFFSET;
    for (SequenceRange range : ranges) {
      target.putLong(at, range.first());
      target.putLong(at + Long.BYTES, range.end());
      at += RANGE_BYTES;
    }
    target.putInt(at, Checksums.crc32c(target, 0, at));
    return target;
  }

  /** Whether a block begins at absolute {@code offset}, be it intact or not. */
  public static boolean beginsAt(ByteBuffer source, int offset) {
    return source.getInt(offset + MAGIC_OFFSET) == MAGIC;
  }

  /** The block at absolute {@code offset}, which is also its position in the file, or null. */
  public static AckBlock decode(ByteBuffer source, int offset, long laneKey) {
    if (source.limit() - offset < RANGES_OFFSET + CRC_BYTES
        || source.getInt(offset + MAGIC_OFFSET) != MAGIC
        || source.getInt(offset + POSITION_OFFSET) != offset
        || source.getLong(offset + LANE_KEY_OFFSET) != laneKey) {
      return null;
    }
    int rangeCount = source.getInt(offset + RANGE_COUNT_OFFSET);
    int rangesLimit = (source.limit() - offset - RANGES_OFFSET - CRC_BYTES) / RANGE_BYTES;
    if (rangeCount < 0 || rangeCount > rangesLimit) {
      return null;
    }
    int crcOffset = RANGES_OFFSET + rangeCount * RANGE_BYTES;
    if (source.getInt(offset + crcOffset) != Checksums.crc32c(source, offset, crcOffset)
        || source.get(offset + VERSION_OFFSET) != VERSION) {
      return null;
    }
    List<SequenceRange> ranges = new ArrayList<>(rangeCount);
    for (int at = offset + RANGES_OFFSET; at < offset + crcOffset; at += RANGE_BYTES) {
      ranges.add(new SequenceRange(source.getLong(at), source.getLong(at + Long.BYTES)));
    }
    return new AckBlock(
        source.get(offset + KIND_OFFSET) == KIND_SNAPSHOT,
        laneKey,
        source.getLong(offset + GENERATION_OFFSET),
        offset,
        source.getLong(offset + LOW_WATER_OFFSET),
        ranges);
  }
}
