/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SegmentUse;
import io.millrace.journal.segment.AckLog;
import io.millrace.journal.segment.LaneFiles;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentFile;
import java.util.List;

/**
 * What recovery hands to a lane.
 *
 * @param acks with everything that recovery found missing
 * @param spares files that can be used again
 * @param digestHolder the segment from which on notes are needed, among {@code segments}; or null
 * @param tail the last segment as scanned, for checkpoints until the lane writes one of its own
 */
record LaneStart(
    int laneIndex,
    LaneFiles files,
    List<Segment> segments,
    List<SegmentFile> spares,
    SequenceSet acks,
    AckLog ackLog,
    long nextSequence,
    long lastOrdinal,
    Tail tail,
    Segment digestHolder,
    long recoveredRecords,
    long lostRecords,
    long quarantinedFrames,
    long damagedNotes,
    long recoveryNanos) {

  /** A place in the last segment: every frame before it is synced. */
  record Tail(SegmentUse use, long position, long sequence) {
    static final Tail NONE = new Tail(new SegmentUse(0, 0), 0, 0);
  }
}
