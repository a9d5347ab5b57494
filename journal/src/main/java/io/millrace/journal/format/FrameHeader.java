/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import static io.millrace.journal.format.FrameLayout.ATTACHMENT_BYTES_OFFSET;
import static io.millrace.journal.format.FrameLayout.CODEC_OFFSET;
import static io.millrace.journal.format.FrameLayout.FIRST_SEQUENCE_OFFSET;
import static io.millrace.journal.format.FrameLayout.FLAGS_OFFSET;
import static io.millrace.journal.format.FrameLayout.HEADER_BYTES;
import static io.millrace.journal.format.FrameLayout.HEADER_CRC_OFFSET;
import static io.millrace.journal.format.FrameLayout.KEY_ID_OFFSET;
import static io.millrace.journal.format.FrameLayout.MAGIC;
import static io.millrace.journal.format.FrameLayout.MAGIC_OFFSET;
import static io.millrace.journal.format.FrameLayout.NOTE_BYTES_OFFSET;
import static io.millrace.journal.format.FrameLayout.PAYLOAD_BYTES_OFFSET;
import static io.millrace.journal.format.FrameLayout.PAYLOAD_CRC_OFFSET;
import static io.millrace.journal.format.FrameLayout.POSITION_OFFSET;
import static io.millrace.journal.format.FrameLayout.RECORD_COUNT_OFFSET;
import static io.millrace.journal.format.FrameLayout.SEGMENT_ID_OFFSET;
import static io.millrace.journal.format.FrameLayout.SEGMENT_ORDINAL_OFFSET;
import static io.millrace.journal.format.FrameLayout.SYNCED_SEQUENCE_OFFSET;
import static io.millrace.journal.format.FrameLayout.VERSION;
import static io.millrace.journal.format.FrameLayout.VERSION_OFFSET;

import java.nio.ByteBuffer;

/**
 * A decoded frame header. Immutable.
 *
 * @param codec how the payload was packed, 0 if it was not
 * @param keyId 0 if the payload is not sealed, 1 if it is
 * @param syncedSequence every sequence below it was synced before this frame was written
 * @param position of the header in its file
 * @param attachmentBytes of note, digest and their checksums
 * @param noteBytes of the note with its checksum; 0 if there is none
 */
public record FrameHeader(
    SegmentUse use,
    int position,
    int codec,
    int keyId,
    long firstSequence,
    int recordCount,
    long syncedSequence,
    int payloadBytes,
    int attachmentBytes,
    int noteBytes,
    int payloadCrc) {

  public long endSequence() {
    return firstSequence + recordCount;
  }

  public long payloadPosition() {
    return (long) position + HEADER_BYTES;
  }

  public long attachmentPosition() {
    return payloadPosition() + payloadBytes;
  }

  public boolean hasNote() {
    return noteBytes > 0;
  }

  public boolean hasDigest() {
    return attachmentBytes > noteBytes;
  }

  public long endPosition() {
    return position + FrameLayout.frameBytes(payloadBytes, attachmentBytes);
  }

  /** Puts the 72 bytes at the buffer's position and moves it behind them. */
  public void encode(ByteBuffer target) {
    int at = target.position();
    target.putInt(at + MAGIC_OFFSET, MAGIC);
    target.put(at + VERSION_OFFSET, VERSION);
    target.put(at + CODEC_OFFSET, (byte) codec);
    target.putShort(at + KEY_ID_OFFSET, (short) keyId);
    target.putInt(at + FLAGS_OFFSET, 0);
    target.putInt(at + ATTACHMENT_BYTES_OFFSET, attachmentBytes);
    target.putInt(at + PAYLOAD_BYTES_OFFSET, payloadBytes);
    target.putInt(at + RECORD_COUNT_OFFSET, recordCount);
    target.putLong(at + FIRST_SEQUENCE_OFFSET, firstSequence);
    target.putLong(at + SYNCED_SEQUENCE_OFFSET, syncedSequence);
    target.putLong(at + SEGMENT_ID_OFFSET, use.id());
    target.putLong(at + SEGMENT_ORDINAL_OFFSET, use.ordinal());
    target.putInt(at + POSITION_OFFSET, position);
    target.putInt(at + NOTE_BYTES_OFFSET, noteBytes);
    target.putInt(at + PAYLOAD_CRC_OFFSET, payloadCrc);
    target.putInt(at + HEADER_CRC_OFFSET, Checksums.crc32c(target, at, HEADER_CRC_OFFSET));
    target.position(at + HEADER_BYTES);
  }

  /** The headerCrc that it is stored with. */
  public int crc() {
    ByteBuffer stored = ByteBuffer.allocate(HEADER_BYTES);
    encode(stored);
    return stored.getInt(HEADER_CRC_OFFSET);
  }

  /**
   * The header at absolute {@code offset}, or null if the bytes there are none, whatever segment it
   * was written for. The buffer must hold 72 bytes from there.
   */
  public static FrameHeader decode(ByteBuffer source, int offset) {
    if (source.getInt(offset + MAGIC_OFFSET) != MAGIC
        || source.getInt(offset + HEADER_CRC_OFFSET)
            != Checksums.crc32c(source, offset, HEADER_CRC_OFFSET)
        || source.get(offset + VERSION_OFFSET) != VERSION
        || source.getInt(offset + FLAGS_OFFSET) != 0) {
      return null;
    }
    FrameHeader header =
        new FrameHeader(
            new SegmentUse(
                source.getLong(offset + SEGMENT_ORDINAL_OFFSET),
                source.getLong(offset + SEGMENT_ID_OFFSET)),
            source.getInt(offset + POSITION_OFFSET),
            source.get(offset + CODEC_OFFSET),
            source.getShort(offset + KEY_ID_OFFSET),
            source.getLong(offset + FIRST_SEQUENCE_OFFSET),
            source.getInt(offset + RECORD_COUNT_OFFSET),
            source.getLong(offset + SYNCED_SEQUENCE_OFFSET),
            source.getInt(offset + PAYLOAD_BYTES_OFFSET),
            source.getInt(offset + ATTACHMENT_BYTES_OFFSET),
            source.getInt(offset + NOTE_BYTES_OFFSET),
            source.getInt(offset + PAYLOAD_CRC_OFFSET));
    boolean sane =
        header.position >= 0
            && header.codec >= 0
            && (header.keyId == 0 || header.keyId == 1)
            && header.firstSequence >= 0
            && header.recordCount > 0
            && header.payloadBytes >= 0
            && isPartSize(header.noteBytes)
            && isPartSize(header.attachmentBytes - header.noteBytes)
            && header.endSequence() > 0;
    return sane ? header : null;
  }

  private static boolean isPartSize(int bytes) {
    return bytes == 0 || bytes >= AttachmentLayout.CRC_BYTES;
  }
}
