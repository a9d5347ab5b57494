/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SegmentUse;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Gives each copy of a segment what is intact in another one only. It takes whole frames that pass
 * every check, never bytes that merely differ: those may be the damage. Confined to its caller.
 */
public final class CopyRepair {
  private static final int MAX_CHUNK_BYTES = 256 * 1024;

  private final SegmentFile file;
  private final SegmentUse use;
  private final Report report;

  /** Hears of each repair. */
  public interface Report {
    /**
     * @param error null if the bytes were written back
     */
    void repaired(long position, long endPosition, IOException error);
  }

  private CopyRepair(SegmentFile file, SegmentUse use, Report report) {
    this.file = file;
    this.use = use;
    this.report = report;
  }

  /** Whether a frame in {@code [from, to)} was written back; nobody may be writing there. */
  public static boolean frames(
      SegmentFile file, SegmentUse use, long from, long to, Report report) {
    CopyRepair repair = new CopyRepair(file, use, report);
    boolean isRepaired = false;
    for (int source = 0; source < repair.copies(); source++) {
      for (int target = 0; target < repair.copies(); target++) {
        isRepaired |= source != target && repair.frames(source, target, from, to);
      }
    }
    return isRepaired;
  }

  /** Whether the header of a segment was written back. */
  public static boolean header(SegmentFile file, Report report) {
    CopyRepair repair = new CopyRepair(file, null, report);
    boolean isRepaired = false;
    for (int source = 0; source < repair.copies(); source++) {
      for (int target = 0; target < repair.copies(); target++) {
        isRepaired |= source != target && repair.header(source, target);
      }
    }
    return isRepaired;
  }

  private int copies() {
    try {
      return file.file().copies();
    } catch (IOException e) {
      // Whoever reads the file is told.
      return 1;
    }
  }

  private boolean frames(int source, int target, long from, long to) {
    boolean isRepaired = false;
    try {
      SegmentReader good = new SegmentReader(file, use, source);
      SegmentReader bad = new SegmentReader(file, use, target);
      FrameHeader header = good.findHeader(from);
      while (header != null && header.position() < to) {
        if (frame(source, good, target, bad, header)) {
          isRepaired = true;
          bad.invalidate();
        }
        header = good.findHeader(header.endPosition());
      }
    } catch (IOException e) {
      report.repaired(from, to, e);
    }
    return isRepaired;
  }

  /** Each part of the frame that only the source has: damage may have hit another one there. */
  private boolean frame(
      int source, SegmentReader good, int target, SegmentReader bad, FrameHeader header)
      throws IOException {
    boolean lacksPayload = !has(bad, header, Part.PAYLOAD);
    if (lacksPayload && good.payload(header) != null && good.isAttachmentWhole(header)) {
      return copy(source, target, header.position(), header.endPosition());
    }
    long notePosition = header.attachmentPosition();
    long digestPosition = notePosition + header.noteBytes();
    boolean isRepaired = false;
    if (lacksPayload && good.payload(header) != null) {
      isRepaired = copy(source, target, header.position(), notePosition);
    }
    if (header.hasNote() && good.note(header) != null && !has(bad, header, Part.NOTE)) {
      isRepaired |= copy(source, target, notePosition, digestPosition);
    }
    if (header.hasDigest() && good.digest(header) != null && !has(bad, header, Part.DIGEST)) {
      isRepaired |= copy(source, target, digestPosition, header.endPosition());
    }
    return isRepaired;
  }

  private enum Part {
    PAYLOAD,
    NOTE,
    DIGEST
  }

  private static boolean has(SegmentReader reader, FrameHeader wanted, Part part) {
    try {
      return switch (part) {
        case PAYLOAD ->
            wanted.equals(reader.headerAt(wanted.position())) && reader.payload(wanted) != null;
        case NOTE -> reader.note(wanted) != null;
        case DIGEST -> reader.digest(wanted) != null;
      };
    } catch (IOException e) {
      return false;
    }
  }

  private boolean header(int source, int target) {
    try {
      SegmentHeader good = headerOf(source);
      SegmentHeader bad = headerOf(target);
      // A crash may have left one copy with the header of the use before, none of it wanted.
      boolean isBetter =
          good != null && (bad == null || bad.use().ordinal() < good.use().ordinal());
      return isBetter && copy(source, target, 0, SegmentHeaderLayout.BLOCK_BYTES);
    } catch (IOException | NewerFormatException e) {
      // Whoever reads the file next is told the same.
      return false;
    }
  }

  private SegmentHeader headerOf(int copy) throws IOException, NewerFormatException {
    ByteBuffer start = ByteBuffer.allocate(SegmentHeaderLayout.HEADER_BYTES);
    file.file().readCopy(copy, start, 0);
    return SegmentHeader.decode(start.flip());
  }

  private boolean copy(int source, int target, long position, long endPosition) {
    try {
      DiskFile open = file.file();
      ByteBuffer chunk =
          ByteBuffer.allocate((int) Math.min(MAX_CHUNK_BYTES, endPosition - position));
      for (long at = position; at < endPosition; at += chunk.capacity()) {
        chunk.clear().limit((int) Math.min(chunk.capacity(), endPosition - at));
        open.readCopy(source, chunk, at);
        open.repairCopy(target, chunk.flip(), at);
      }
      report.repaired(position, endPosition, null);
      return true;
    } catch (IOException e) {
      report.repaired(position, endPosition, e);
      return false;
    }
  }
}
