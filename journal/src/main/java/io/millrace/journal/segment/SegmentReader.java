/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.FrameLayout;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SegmentUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads the frames of one segment through a window of the file, and checks every byte it hands out.
 * Confined to its caller.
 */
public final class SegmentReader {
  private static final int WINDOW_BYTES = 256 * 1024;
  private static final int BLOCK_BYTES = SegmentHeaderLayout.BLOCK_BYTES;

  private static final int ANY_COPY = -1;

  private final SegmentFile file;

  /** Null accepts the frames of every use. */
  private final SegmentUse use;

  /** The only copy to read, or {@link #ANY_COPY}. */
  private final int copy;

  private final ByteBuffer window;
  private long windowPosition;

  public SegmentReader(SegmentFile file, SegmentUse use) {
    this(file, use, ANY_COPY);
  }

  SegmentReader(SegmentFile file, SegmentUse use, int copy) {
    this.file = file;
    this.use = use;
    this.copy = copy;
    window = ByteBuffer.allocate((int) Math.min(WINDOW_BYTES, file.fileBytes()));
    window.limit(0);
  }

  /** Forgets what was read, so that the next call sees the file as it is now. */
  public void invalidate() {
    window.limit(0);
  }

  /** The intact header that starts exactly at {@code position}, or null. */
  public FrameHeader headerAt(long position) throws IOException {
    if (position + FrameLayout.HEADER_BYTES > file.fileBytes()) {
      return null;
    }
    if (!isInWindow(position, FrameLayout.HEADER_BYTES)) {
      fill(position);
      if (!isInWindow(position, FrameLayout.HEADER_BYTES)) {
        return null;
      }
    }
    return decodeAt(position);
  }

  /** The first intact header at or after {@code position}, a multiple of 8, or null. */
  public FrameHeader findHeader(long position) throws IOException {
    long last = file.fileBytes() - FrameLayout.HEADER_BYTES;
    for (long at = position; at <= last; at += FrameLayout.ALIGNMENT_BYTES) {
      if (!isInWindow(at, FrameLayout.HEADER_BYTES)) {
        fill(at);
        if (!isInWindow(at, FrameLayout.HEADER_BYTES)) {
          return null;
        }
      }
      // Most of what is searched is padding: look at the magic before anything is decoded.
      if (window.getInt((int) (at - windowPosition)) == FrameLayout.MAGIC) {
        FrameHeader header = decodeAt(at);
        if (header != null) {
          return header;
        }
      }
    }
    return null;
  }

  /**
   * The payload as it is stored, in an array of its own, or null if it does not match its checksum.
   */
  public byte[] payload(FrameHeader header) throws IOException {
    byte[] payload = new byte[header.payloadBytes()];
    if (isInWindow(header.payloadPosition(), payload.length)) {
      window.get((int) (header.payloadPosition() - windowPosition), payload);
    } else if (readFully(payload, header.payloadPosition()) < payload.length) {
      return null;
    }
    return Checksums.crc32c(payload, 0, payload.length) == header.payloadCrc() ? payload : null;
  }

  /** The frame's note, or null if it has none or it does not match its checksum. */
  public byte[] note(FrameHeader header) throws IOException {
    return part(header, header.attachmentPosition(), header.noteBytes());
  }

  /** The digest that the frame carries, or null if it has none or it does not match. */
  public byte[] digest(FrameHeader header) throws IOException {
    return part(
        header,
        header.attachmentPosition() + header.noteBytes(),
        header.attachmentBytes() - header.noteBytes());
  }

  /** Whether note and digest, as far as the frame has them, match their checksums. */
  public boolean isAttachmentWhole(FrameHeader header) throws IOException {
    return (!header.hasNote() || note(header) != null)
        && (!header.hasDigest() || digest(header) != null);
  }

  /** Whether payload and note, as far as there is one, match their checksums. */
  public boolean isWhole(FrameHeader header) throws IOException {
    return payload(header) != null && (!header.hasNote() || note(header) != null);
  }

  private byte[] part(FrameHeader header, long position, int storedBytes) throws IOException {
    if (storedBytes == 0) {
      return null;
    }
    byte[] stored = new byte[storedBytes];
    if (readFully(stored, position) < storedBytes) {
      return null;
    }
    int bytes = storedBytes - AttachmentLayout.CRC_BYTES;
    boolean isWhole =
        ByteBuffer.wrap(stored).getInt(bytes) == AttachmentLayout.crc(header.crc(), stored, bytes);
    return isWhole ? Arrays.copyOf(stored, bytes) : null;
  }

  private FrameHeader decodeAt(long position) {
    FrameHeader header = FrameHeader.decode(window, (int) (position - windowPosition));
    boolean isHere =
        header != null
            && header.position() == position
            && (use == null || header.use().equals(use))
            && header.endPosition() <= file.fileBytes();
    return isHere ? header : null;
  }

  private void read(ByteBuffer target, long position) throws IOException {
    if (copy == ANY_COPY) {
      file.file().read(target, position);
    } else {
      file.file().readCopy(copy, target, position);
    }
  }

  private boolean isInWindow(long position, int bytes) {
    return position >= windowPosition && position + bytes <= windowPosition + window.limit();
  }

  private void fill(long position) throws IOException {
    windowPosition = position - position % BLOCK_BYTES;
    window.clear();
    try {
      read(window, windowPosition);
    } catch (IOException e) {
      window.clear();
      readBlocks(e);
    }
    window.flip();
  }

  /**
   * Reads the window block by block, with zeros for a block that can't be read, which then counts
   * as damaged. If the disk does not answer at all, nothing is known about damage.
   */
  private void readBlocks(IOException cause) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    try {
      read(block, 0);
    } catch (IOException e) {
      cause.addSuppressed(e);
      throw cause;
    }
    int end = (int) Math.min(window.capacity(), file.fileBytes() - windowPosition);
    while (window.position() < end) {
      block.clear().limit(Math.min(BLOCK_BYTES, end - window.position()));
      long position = windowPosition + window.position();
      int wanted = block.limit();
      try {
        read(block, position);
      } catch (IOException e) {
        block.clear().put(new byte[wanted]);
      }
      window.put(block.flip());
      if (block.limit() < wanted) {
        return;
      }
    }
  }

  /** In steps of the window, so that large payloads cost no large transfer buffers in the JDK. */
  private int readFully(byte[] target, long position) throws IOException {
    int done = 0;
    while (done < target.length) {
      if (!isInWindow(position + done, 1)) {
        fill(position + done);
        if (!isInWindow(position + done, 1)) {
          return done;
        }
      }
      int at = (int) (position + done - windowPosition);
      int part = Math.min(window.limit() - at, target.length - done);
      window.get(at, target, done, part);
      done += part;
    }
    return done;
  }
}
