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
  private final List<ScanFacts.Hole> holes = new ArrayList<>();
  private long expectedSequence;
  private long endPosition;
  private long provenSequence;

  private SegmentScan(SegmentReader reader, long position, long sequence) {
    this.reader = reader;
    this.endPosition = position;
    this.expectedSequence = sequence;
    this.provenSequence = sequence;
  }

  /**
   * Scans from a frame or group boundary.
   *
   * @param sequence of the first frame at or after {@code position}
   */
  public static ScanFacts run(SegmentReader reader, long position, long sequence)
      throws IOException {
    return new SegmentScan(reader, position, sequence).run();
  }

  private ScanFacts run() throws IOException {
    long at = endPosition;
    boolean isTorn = false;
    while (true) {
      FrameHeader header = reader.findHeader(at);
      if (header == null) {
        return new ScanFacts(
            endPosition, expectedSequence, provenSequence, List.copyOf(holes), isTorn);
      }
      boolean isValid =
          header.firstSequence() >= expectedSequence && reader.payload(header) != null;
      if (isValid) {
        accept(header);
        isTorn = false;
      } else {
        isTorn = true;
      }
      at = header.endPosition();
    }
  }

  private void accept(FrameHeader header) {
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
  }
}
