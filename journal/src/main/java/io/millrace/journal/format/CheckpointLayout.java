/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Offsets in a checkpoint file, big-endian. Behind the last range there may be a digest: its size,
 * then its bytes. The CRC stands at the end and covers everything before it. Format:
 * docs/formats/journal-v1.md#checkpoint
 */
final class CheckpointLayout {
  static final long MAGIC = 0x4D494C4C43484B31L;
  static final int VERSION = 1;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 8;
  static final int LANE_INDEX_OFFSET = 12;
  static final int JOURNAL_ID_OFFSET = 16;
  static final int NEXT_SEQUENCE_OFFSET = 32;
  static final int TAIL_ORDINAL_OFFSET = 40;
  static final int TAIL_SEGMENT_ID_OFFSET = 48;
  static final int TAIL_POSITION_OFFSET = 56;
  static final int TAIL_SEQUENCE_OFFSET = 64;
  static final int LOW_WATER_OFFSET = 72;
  static final int RANGE_COUNT_OFFSET = 80;
  static final int RANGES_OFFSET = 84;

  static final int RANGE_BYTES = 16;
  static final int DIGEST_SIZE_BYTES = 4;
  static final int CRC_BYTES = 4;

  private CheckpointLayout() {}
}
