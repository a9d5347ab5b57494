/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

import io.millrace.journal.ack.SequenceSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The used segments of a lane in order, each with the sequences that it answers for, known from
 * headers alone. Immutable.
 */
public final class SegmentChain {

  /**
   * @param endSequence first sequence of the segments after it; Long.MAX_VALUE for the last
   * @param isFollowedByGap the next ordinal is missing, so that only a scan tells the segment's end
   */
  public record Link(SegmentFacts segment, long endSequence, boolean isFollowedByGap) {
    public long firstSequence() {
      return segment.firstSequence();
    }

    public boolean isTail() {
      return endSequence == Long.MAX_VALUE;
    }
  }

  private final List<Link> live;
  private final List<SegmentFacts> free;

  private SegmentChain(List<Link> live, List<SegmentFacts> free) {
    this.live = List.copyOf(live);
    this.free = List.copyOf(free);
  }

  public static SegmentChain of(List<SegmentFacts> used, SequenceSet acks) {
    List<SegmentFacts> ordered = new ArrayList<>(used);
    ordered.sort(Comparator.comparingLong(segment -> segment.use().ordinal()));
    List<Link> live = new ArrayList<>();
    List<SegmentFacts> free = new ArrayList<>();
    long endSequence = Long.MAX_VALUE;
    for (int i = ordered.size() - 1; i >= 0; i--) {
      SegmentFacts segment = ordered.get(i);
      boolean isTail = i == ordered.size() - 1;
      // The tail is always live: only a scan tells where it ends.
      if (isTail || isWanted(segment.firstSequence(), endSequence, acks)) {
        boolean isFollowedByGap =
            !isTail && ordered.get(i + 1).use().ordinal() != segment.use().ordinal() + 1;
        live.add(0, new Link(segment, endSequence, isFollowedByGap));
      } else {
        free.add(segment);
      }
      endSequence = Math.min(endSequence, segment.firstSequence());
    }
    return new SegmentChain(live, free);
  }

  private static boolean isWanted(long first, long end, SequenceSet acks) {
    return first < end && end > acks.lowWater() && !acks.missing(first, end).isEmpty();
  }

  /** Segments that may hold records not acknowledged, oldest first; the last one is the tail. */
  public List<Link> live() {
    return live;
  }

  public List<SegmentFacts> free() {
    return free;
  }
}
