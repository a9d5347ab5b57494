/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.recovery.ScanFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Walks a segment to its end and tells torn tails from holes. Confined to its caller. */
public final class SegmentScan {
  private final SegmentReader reader;
  private final boolean keepsNotes;

  /** From here on a crash may have cut a frame's note from its payload. */
  private final long strictSequence;

  private final List<ScanFacts.Hole> holes = new ArrayList<>();
  private final List<Note> notes = new ArrayList<>();
  private long damagedNotes;
  private long lastDamagedSequence = -1;
  private long expectedSequence;
  private long endPosition;
  private long provenSequence;
  private boolean isTorn;

  /** The note of a valid frame. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Note(long firstSequence, byte[] bytes) {}

  private SegmentScan(
      SegmentReader reader, long position, long sequence, long strictSequence, boolean keepsNotes) {
    this.reader = reader;
    this.endPosition = position;
    this.expectedSequence = sequence;
    this.provenSequence = sequence;
    this.strictSequence = strictSequence;
    this.keepsNotes = keepsNotes;
  }

  /**
   * Scans from a frame or group boundary.
   *
   * @param sequence of the first frame at or after {@code position}
   * @param vouchedSequence everything below was synced, as is known from elsewhere
   */
  public static SegmentScan run(
      SegmentReader reader, long position, long sequence, long vouchedSequence, boolean keepsNotes)
      throws IOException {
    SegmentScan scan = new SegmentScan(reader, position, sequence, Long.MAX_VALUE, keepsNotes);
    scan.walk();
    long proven = Math.max(vouchedSequence, scan.provenSequence);
    if (scan.lastDamagedSequence >= proven) {
      // Not known to have been synced as a whole: the write was cut short, as by a bad payload.
      scan = new SegmentScan(reader, position, sequence, proven, keepsNotes);
      scan.walk();
    }
    return scan;
  }

  public ScanFacts facts() {
    return new ScanFacts(endPosition, expectedSequence, provenSequence, List.copyOf(holes), isTorn);
  }

  /** In order; none if they were not to be kept. */
  public List<Note> notes() {
    return notes;
  }

  /** How many valid frames have a note that does not match its checksum. */
  public long damagedNotes() {
    return damagedNotes;
  }

  private void walk() throws IOException {
    FrameHeader header = reader.findHeader(endPosition);
    while (header != null) {
      isTorn = !accept(header);
      header = reader.findHeader(header.endPosition());
    }
  }

  private boolean accept(FrameHeader header) throws IOException {
    if (header.firstSequence() < expectedSequence || reader.payload(header) == null) {
      return false;
    }
    byte[] note = reader.note(header);
    boolean isDamaged = header.hasNote() && note == null;
    if (isDamaged && header.firstSequence() >= strictSequence) {
      return false;
    }
    if (isDamaged) {
      damagedNotes++;
      lastDamagedSequence = header.firstSequence();
    } else if (header.hasNote() && keepsNotes) {
      notes.add(new Note(header.firstSequence(), note));
    }
    if (header.firstSequence() > expectedSequence) {
      holes.add(
          new ScanFacts.Hole(
              endPosition,
              header.position(),
              expectedSequence,
              header.firstSequence(),
              header.syncedSequence() > expectedSequence));
    }
    provenSequence = Math.max(provenSequence, header.syncedSequence());
    expectedSequence = header.endSequence();
    endPosition = header.endPosition();
    return true;
  }
}
