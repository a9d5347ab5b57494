/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.format.SequenceRange;
import java.util.List;

/**
 * Something that is not as it was written. Immutable.
 *
 * @param file its name; empty where a whole file is missing
 * @param endPosition behind the damaged bytes; equal to position where the extent is not known
 * @param lost waiting sequences that this costs; none if all of them were acknowledged
 */
public record Damage(
    int laneIndex,
    Kind kind,
    String file,
    long position,
    long endPosition,
    List<SequenceRange> lost) {

  public Damage {
    lost = List.copyOf(lost);
  }

  public long lostRecords() {
    return lost.stream().mapToLong(SequenceRange::count).sum();
  }

  /** Whether it is among frames that nobody waits for: delivered, or counted as lost before. */
  public boolean isPast() {
    return lost.isEmpty()
        && switch (kind) {
          case DAMAGED_FRAMES, UNFINISHED_WRITE, UNDECODABLE, NOT_EVENTS, MISSING_SEGMENT -> true;
          case NOTES, ACKNOWLEDGEMENTS, SEGMENT_HEADER, CHECKPOINT, IDENTITY, UNREADABLE -> false;
        };
  }

  /** What happened to it. */
  public enum Kind {
    /** Frames that had been synced are damaged. */
    DAMAGED_FRAMES,
    /** Frames of the last write before a crash, perhaps never synced nor answered. */
    UNFINISHED_WRITE,
    /** Whole frames whose key does not open them, or that do not unpack. */
    UNDECODABLE,
    /** Whole frames that are not what the channel writes. */
    NOT_EVENTS,
    /** No file holds the sequences. */
    MISSING_SEGMENT,
    /** What a whole frame says of its sender: that sender's repetition may be stored twice. */
    NOTES,
    /** A block of the acknowledgement log: what only it says is delivered again. */
    ACKNOWLEDGEMENTS,
    /** A segment's header: rebuilt from its frames. */
    SEGMENT_HEADER,
    /** A checkpoint: done without. */
    CHECKPOINT,
    /** {@code lane.id} or {@code journal.id}: rebuilt. */
    IDENTITY,
    /** The disk does not give the file out. */
    UNREADABLE
  }
}
