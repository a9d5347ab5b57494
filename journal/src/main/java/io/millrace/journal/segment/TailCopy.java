/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.codec.StoredPayload;
import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.FrameLayout;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the end of a segment that is not proven to be on the disk. After a failed sync the page
 * cache shows frames that a later sync does not write and a power loss takes away, so what recovery
 * reads there must not be handed out before it is written and synced anew. Confined to the thread
 * that opens the journal.
 */
public final class TailCopy {
  private static final int MAX_BUFFER_BYTES = 1 << 18;

  private final SegmentReader source;
  private final long firstSequence;

  /** From here on a frame counts only if its note is whole too. */
  private final long provenSequence;

  private final List<FrameHeader> frames = new ArrayList<>();

  /** Of the header's block and all frames, less the digest that one of them will carry. */
  private long frameBytes = SegmentHeaderLayout.BLOCK_BYTES;

  private TailCopy(SegmentReader source, long firstSequence, long provenSequence) {
    this.source = source;
    this.firstSequence = firstSequence;
    this.provenSequence = provenSequence;
  }

  /**
   * Finds the valid frames from {@code firstSequence} on, below {@code endPosition}.
   *
   * @param firstSequence at most {@code provenSequence}
   * @param provenSequence everything below is on the disk
   */
  public static TailCopy of(
      SegmentReader source,
      long position,
      long endPosition,
      long firstSequence,
      long provenSequence)
      throws IOException {
    TailCopy copy = new TailCopy(source, firstSequence, provenSequence);
    long expected = firstSequence;
    FrameHeader header = source.findHeader(position);
    while (header != null && header.position() < endPosition) {
      if (header.firstSequence() >= expected && copy.isValid(header)) {
        copy.frames.add(header);
        copy.frameBytes += FrameLayout.frameBytes(header.payloadBytes(), header.noteBytes());
        expected = header.endSequence();
      }
      header = source.findHeader(header.endPosition());
    }
    return copy;
  }

  private boolean isValid(FrameHeader header) throws IOException {
    return header.firstSequence() < provenSequence
        ? source.payload(header) != null
        : source.isWhole(header);
  }

  /**
   * Writes a segment of its own. It gets its name when it is complete and synced.
   *
   * @param digest of the notes before it; null if frames take no notes
   */
  public Segment write(LaneFiles files, SegmentHeader header, byte[] digest) throws IOException {
    long digestBytes =
        FrameLayout.alignUp(AttachmentLayout.storedBytes(digest), FrameLayout.ALIGNMENT_BYTES);
    long fileBytes = FrameLayout.alignUp(frameBytes + digestBytes, SegmentHeaderLayout.BLOCK_BYTES);
    SegmentFile file =
        files.writeAside(
            fileBytes,
            unfinished -> {
              SegmentWriter writer = new SegmentWriter((int) Math.min(MAX_BUFFER_BYTES, fileBytes));
              writer.begin(new Segment(unfinished, header.use(), firstSequence), header);
              for (FrameHeader frame : frames) {
                byte[] payload = source.payload(frame);
                if (!isValid(frame)) {
                  throw new IOException("frame at position " + frame.position() + " changed");
                }
                writer.put(
                    new StoredPayload(
                        frame.codec(),
                        frame.keyId(),
                        payload,
                        0,
                        payload.length,
                        frame.payloadCrc()),
                    frame.recordCount(),
                    frame.firstSequence(),
                    firstSequence,
                    source.note(frame),
                    frame == frames.get(0) ? digest : null);
              }
              writer.endGroup();
              writer.force();
            });
    return new Segment(file, header.use(), firstSequence);
  }
}
