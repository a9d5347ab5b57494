/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.segment.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Which segment holds a sequence. Written by the lane's owner thread, safe for reads by others. A
 * segment answers for the sequences up to the first of the next one: what it holds beyond is void.
 */
final class SegmentIndex {
  private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();

  /**
   * Returns the segment that began at the same sequence and thus holds nothing any more, or null.
   */
  Segment put(Segment segment) {
    return segments.put(segment.firstSequence(), segment);
  }

  void remove(Segment segment) {
    segments.remove(segment.firstSequence(), segment);
  }

  /** The segment that answers for a sequence, or null. */
  Segment of(long sequence) {
    Map.Entry<Long, Segment> entry = segments.floorEntry(sequence);
    return entry == null ? null : entry.getValue();
  }

  /** First sequence of the segment behind, or Long.MAX_VALUE. */
  long endOf(Segment segment) {
    Long next = segments.higherKey(segment.firstSequence());
    return next == null ? Long.MAX_VALUE : next;
  }

  Segment first() {
    Map.Entry<Long, Segment> entry = segments.firstEntry();
    return entry == null ? null : entry.getValue();
  }

  int count() {
    return segments.size();
  }

  List<Segment> all() {
    return new ArrayList<>(segments.values());
  }
}
