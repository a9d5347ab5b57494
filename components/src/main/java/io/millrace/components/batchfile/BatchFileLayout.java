/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.batchfile;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Where things stand in a batch file; format: docs/formats/batch-file-v1.md. Offsets in bytes,
 * numbers big-endian.
 *
 * <pre>
 *   file    = header block*
 *   header  = magic i32, version u16, headerBytes u16, fileId i64, createdMillis i64, 0 i32,
 *             crc32c of the 28 bytes before it u32
 *   block   = magic i32, headerBytes u16, flags u16, fileId i64, firstEvent i64, eventCount i32,
 *             payloadBytes i32, writtenMillis i64, crc32c of the payload u32,
 *             crc32c of the 44 bytes before it u32, payload
 *   payload = one encoded batch
 * </pre>
 */
final class BatchFileLayout {
  static final int FILE_MAGIC = 0x4D524246; // MRBF
  static final int BLOCK_MAGIC = 0x4D52424B; // MRBK
  static final short VERSION = 1;

  static final int FILE_HEADER_BYTES = 32;
  static final int FILE_VERSION_OFFSET = 4;
  static final int FILE_ID_OFFSET = 8;
  static final int FILE_CRC_OFFSET = 28;

  static final int BLOCK_HEADER_BYTES = 48;
  static final int BLOCK_FLAGS_OFFSET = 6;
  static final int BLOCK_FILE_ID_OFFSET = 8;
  static final int BLOCK_FIRST_OFFSET = 16;
  static final int BLOCK_COUNT_OFFSET = 24;
  static final int BLOCK_PAYLOAD_BYTES_OFFSET = 28;
  static final int BLOCK_WRITTEN_OFFSET = 32;
  static final int BLOCK_PAYLOAD_CRC_OFFSET = 40;
  static final int BLOCK_CRC_OFFSET = 44;

  /** Longest payload: one event as large as a hop takes, behind a block that was nearly full. */
  static final int MAX_PAYLOAD_BYTES = 96 << 20;

  private BatchFileLayout() {}

  static byte[] fileHeader(long fileId, long createdMillis) {
    ByteBuffer header =
        ByteBuffer.allocate(FILE_HEADER_BYTES)
            .putInt(FILE_MAGIC)
            .putShort(VERSION)
            .putShort((short) FILE_HEADER_BYTES)
            .putLong(fileId)
            .putLong(createdMillis)
            .putInt(0);
    return header.putInt(crc(header.array(), 0, FILE_CRC_OFFSET)).array();
  }

  static boolean isFileHeader(ByteBuffer bytes, int offset) {
    return bytes.limit() - offset >= FILE_HEADER_BYTES
        && bytes.getInt(offset) == FILE_MAGIC
        && bytes.getInt(offset + FILE_CRC_OFFSET) == crc(bytes.array(), offset, FILE_CRC_OFFSET);
  }

  static byte[] blockHeader(
      long fileId,
      long firstEvent,
      int eventCount,
      long writtenMillis,
      byte[] payload,
      int payloadOffset,
      int payloadBytes) {
    ByteBuffer header =
        ByteBuffer.allocate(BLOCK_HEADER_BYTES)
            .putInt(BLOCK_MAGIC)
            .putShort((short) BLOCK_HEADER_BYTES)
            .putShort((short) 0)
            .putLong(fileId)
            .putLong(firstEvent)
            .putInt(eventCount)
            .putInt(payloadBytes)
            .putLong(writtenMillis)
            .putInt(crc(payload, payloadOffset, payloadBytes));
    return header.putInt(crc(header.array(), 0, BLOCK_CRC_OFFSET)).array();
  }

  /** Whether a header stands there whose every number can be relied on. */
  static boolean isBlockHeader(ByteBuffer bytes, int offset) {
    return bytes.limit() - offset >= BLOCK_HEADER_BYTES
        && bytes.getInt(offset) == BLOCK_MAGIC
        && bytes.getInt(offset + BLOCK_CRC_OFFSET) == crc(bytes.array(), offset, BLOCK_CRC_OFFSET)
        && bytes.getShort(offset + BLOCK_FLAGS_OFFSET) == 0
        && bytes.getLong(offset + BLOCK_FIRST_OFFSET) >= 0
        && bytes.getInt(offset + BLOCK_COUNT_OFFSET) > 0
        && bytes.getInt(offset + BLOCK_PAYLOAD_BYTES_OFFSET) > 0
        && bytes.getInt(offset + BLOCK_PAYLOAD_BYTES_OFFSET) <= MAX_PAYLOAD_BYTES;
  }

  static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
