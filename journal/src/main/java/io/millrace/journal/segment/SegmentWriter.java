/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.codec.StoredPayload;
import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.FrameLayout;
import io.millrace.journal.format.Invariant;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes groups of frames into one segment after the other, assembling them in one reusable direct
 * buffer. After an exception the segment must not be written again: begin another one. Confined to
 * the lane's owner thread.
 */
public final class SegmentWriter {
  private static final int BLOCK_BYTES = SegmentHeaderLayout.BLOCK_BYTES;

  /** Holds what belongs to the file from {@link #bufferPosition} on. */
  private final ByteBuffer buffer;

  private Segment segment;
  private long bufferPosition;

  /**
   * @param bufferBytes a multiple of 4096; larger groups take several writes, still one sync
   */
  public SegmentWriter(int bufferBytes) {
    Invariant.check(
        bufferBytes >= 2 * BLOCK_BYTES && bufferBytes % BLOCK_BYTES == 0,
        "bufferBytes: " + bufferBytes);
    buffer = AlignedBuffers.allocate(bufferBytes);
  }

  /** The segment being written, or null. */
  public Segment segment() {
    return segment;
  }

  /** Where the next frame goes, or between groups, where the next group starts. */
  public long position() {
    return bufferPosition + buffer.position();
  }

  /** Starts a segment; its header goes to the disk with the first group. */
  public void begin(Segment next, SegmentHeader header) {
    Invariant.check(header.use().equals(next.use()), "segment use differs from its header's");
    segment = next;
    bufferPosition = 0;
    buffer.clear();
    header.encodeBlock(buffer);
  }

  /** Nothing is written any more until {@link #begin}. */
  public void abandon() {
    segment = null;
    buffer.clear();
  }

  public boolean hasRoom(long frameBytes) {
    return segment != null && position() + frameBytes <= segment.file().fileBytes();
  }

  /**
   * Adds a frame to the group and returns its position.
   *
   * @param note null if it has none
   * @param digest null if it has none
   */
  public long put(
      StoredPayload payload,
      int recordCount,
      long firstSequence,
      long syncedSequence,
      byte[] note,
      byte[] digest)
      throws IOException {
    int noteBytes = AttachmentLayout.storedBytes(note);
    int attachmentBytes = noteBytes + AttachmentLayout.storedBytes(digest);
    Invariant.check(
        hasRoom(FrameLayout.frameBytes(payload.bytes(), attachmentBytes)),
        "frame put into a segment without room for it");
    ensureRemaining(FrameLayout.HEADER_BYTES);
    long position = position();
    new FrameHeader(
            segment.use(),
            Math.toIntExact(position),
            payload.codec(),
            payload.keyId(),
            firstSequence,
            recordCount,
            syncedSequence,
            payload.bytes(),
            attachmentBytes,
            noteBytes,
            payload.crc())
        .encode(buffer);
    int headerCrc = buffer.getInt(buffer.position() - Integer.BYTES);
    putBytes(payload.array(), payload.offset(), payload.bytes());
    putPart(headerCrc, note);
    putPart(headerCrc, digest);
    padTo(FrameLayout.ALIGNMENT_BYTES);
    return position;
  }

  private void putBytes(byte[] array, int offset, int bytes) throws IOException {
    int done = 0;
    while (done < bytes) {
      ensureRemaining(1);
      int part = Math.min(buffer.remaining(), bytes - done);
      buffer.put(array, offset + done, part);
      done += part;
    }
  }

  private void putPart(int headerCrc, byte[] part) throws IOException {
    if (part != null) {
      putBytes(part, 0, part.length);
      ensureRemaining(AttachmentLayout.CRC_BYTES);
      buffer.putInt(AttachmentLayout.crc(headerCrc, part, part.length));
    }
  }

  /** Writes what was put, padded so that the next group starts in a block of its own. */
  public void endGroup() throws IOException {
    padTo(BLOCK_BYTES);
    writeBlocks();
  }

  public void force() throws IOException {
    Invariant.checkEqual(buffer.position(), 0, "bytes not written before a sync");
    segment.file().file().force();
  }

  private void padTo(int alignment) throws IOException {
    long padding = FrameLayout.alignUp(position(), alignment) - position();
    while (padding > 0) {
      ensureRemaining(1);
      buffer.put((byte) 0);
      padding--;
    }
  }

  private void ensureRemaining(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      writeBlocks();
    }
  }

  /** Writes the whole blocks; the rest moves to the buffer's start, so that writes stay aligned. */
  private void writeBlocks() throws IOException {
    int end = buffer.position();
    int blockBytes = end - end % BLOCK_BYTES;
    segment.file().file().write(buffer.flip().limit(blockBytes), bufferPosition);
    bufferPosition += blockBytes;
    buffer.limit(end).position(blockBytes);
    buffer.compact();
  }
}
