/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Offsets in a frame header, 72 bytes, big-endian. headerCrc covers bytes 0-67; payloadCrc covers
 * the payload only, so that stamping the sequence never touches the payload. Format:
 * docs/formats/journal-v1.md#frame
 *
 * <pre>
 *  0 magic u32      4 version u8   5 codec u8   6 keyId u16
 *  8 flags u32     12 attachmentBytes u32
 * 16 payloadBytes  20 recordCount
 * 24 firstSequence u64
 * 32 syncedSequence u64
 * 40 segmentId u64
 * 48 segmentOrdinal u64
 * 56 position u32  60 noteBytes u32
 * 64 payloadCrc    68 headerCrc
 * 72 payload, attachment, zeros to a multiple of 8
 * </pre>
 */
public final class FrameLayout {
  public static final int MAGIC = 0x4D4A4631;
  public static final byte VERSION = 1;

  static final int MAGIC_OFFSET = 0;
  static final int VERSION_OFFSET = 4;
  static final int CODEC_OFFSET = 5;
  static final int KEY_ID_OFFSET = 6;
  static final int FLAGS_OFFSET = 8;
  static final int ATTACHMENT_BYTES_OFFSET = 12;
  static final int PAYLOAD_BYTES_OFFSET = 16;
  static final int RECORD_COUNT_OFFSET = 20;
  static final int FIRST_SEQUENCE_OFFSET = 24;
  static final int SYNCED_SEQUENCE_OFFSET = 32;
  static final int SEGMENT_ID_OFFSET = 40;
  static final int SEGMENT_ORDINAL_OFFSET = 48;
  static final int POSITION_OFFSET = 56;
  static final int NOTE_BYTES_OFFSET = 60;
  static final int PAYLOAD_CRC_OFFSET = 64;
  static final int HEADER_CRC_OFFSET = 68;

  public static final int HEADER_BYTES = 72;
  public static final int ALIGNMENT_BYTES = 8;

  private FrameLayout() {}

  /** Bytes from the start of a frame to the start of the next one in its group. */
  public static long frameBytes(long payloadBytes, long attachmentBytes) {
    return alignUp(HEADER_BYTES + payloadBytes + attachmentBytes, ALIGNMENT_BYTES);
  }

  /** The least multiple of {@code alignment}, a power of two, at or above {@code value}. */
  public static long alignUp(long value, int alignment) {
    return (value + alignment - 1) & -alignment;
  }
}
