/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Offsets in a segment header, 128 bytes at the start of a 4096-byte block, big-endian. headerCrc
 * covers bytes 0-123. Format: docs/formats/journal-v1.md#segment-header
 *
 * <pre>
 *  0 magic u64
 *  8 version u16  10 kind u16  12 requiredFeatures u32
 * 16 journalId, 16 bytes
 * 32 laneIndex u32  36 reserved
 * 40 ordinal u64    48 segmentId u64
 * 56 firstSequence  64 lowWater
 * 72 reserved       124 headerCrc
 * </pre>
 */
public final class SegmentHeaderLayout {
  static final long MAGIC = 0x4D494C4C53454731L;
  static final short VERSION = 1;
  static final short KIND_SPARE = 0;
  static final short KIND_USED = 1;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int KIND_OFFSET = 10;
  static final int REQUIRED_FEATURES_OFFSET = 12;
  static final int JOURNAL_ID_OFFSET = 16;
  static final int LANE_INDEX_OFFSET = 32;
  static final int ORDINAL_OFFSET = 40;
  static final int SEGMENT_ID_OFFSET = 48;
  static final int FIRST_SEQUENCE_OFFSET = 56;
  static final int LOW_WATER_OFFSET = 64;
  static final int HEADER_CRC_OFFSET = 124;

  public static final int HEADER_BYTES = 128;

  /** Groups start at multiples of it, the first one right behind the header's block. */
  public static final int BLOCK_BYTES = 4096;

  private SegmentHeaderLayout() {}
}
