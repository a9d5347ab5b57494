/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Offsets in a block of the acknowledgement log, big-endian. blockCrc stands behind the last range
 * and covers everything before it. Format: docs/formats/journal-v1.md#acknowledgement-log
 *
 * <pre>
 *  0 magic u32  4 version u8  5 kind u8  6 reserved
 *  8 laneKey u64
 * 16 generation u64
 * 24 position u32  28 rangeCount u32
 * 32 lowWater u64
 * 40 ranges: first u64, end u64
 *  … blockCrc u32, zeros to a multiple of 64
 * </pre>
 */
public final class AckBlockLayout {
  static final int MAGIC = 0x4D4A4131;
  static final byte VERSION = 1;
  static final byte KIND_SNAPSHOT = 1;
  static final byte KIND_ADDITION = 2;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 4;
  static final int KIND_OFFSET = 5;
  static final int RESERVED_OFFSET = 6;
  static final int LANE_KEY_OFFSET = 8;
  static final int GENERATION_OFFSET = 16;
  static final int POSITION_OFFSET = 24;
  static final int RANGE_COUNT_OFFSET = 28;
  static final int LOW_WATER_OFFSET = 32;
  static final int RANGES_OFFSET = 40;

  static final int RANGE_BYTES = 16;
  static final int CRC_BYTES = 4;

  public static final int ALIGNMENT_BYTES = 64;

  private AckBlockLayout() {}

  /** Bytes from the start of a block to the start of the next. */
  public static long blockBytes(int rangeCount) {
    return FrameLayout.alignUp(
        RANGES_OFFSET + (long) rangeCount * RANGE_BYTES + CRC_BYTES, ALIGNMENT_BYTES);
  }
}
