/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.ack;

import io.millrace.journal.format.Invariant;
import io.millrace.journal.format.SequenceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A growing set of sequences: all below {@link #lowWater()}, and a few ranges above it. Memory
 * depends on the number of gaps, not on the number of sequences. Confined to its owner.
 */
public final class SequenceSet {
  private long lowWater;

  /** Start to end of each range; disjoint, never adjacent, all above lowWater. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  public static SequenceSet below(long lowWater) {
    SequenceSet set = new SequenceSet();
    set.lowWater = lowWater;
    return set;
  }

  public long lowWater() {
    return lowWater;
  }

  public int rangeCount() {
    return ranges.size();
  }

  /** Least sequence such that it and all above it are not in the set. */
  public long end() {
    return ranges.isEmpty() ? lowWater : ranges.lastEntry().getValue();
  }

  public List<SequenceRange> ranges() {
    List<SequenceRange> list = new ArrayList<>(ranges.size());
    ranges.forEach((first, end) -> list.add(new SequenceRange(first, end)));
    return list;
  }

  public boolean contains(long sequence) {
    if (sequence < lowWater) {
      return true;
    }
    Map.Entry<Long, Long> at = ranges.floorEntry(sequence);
    return at != null && sequence < at.getValue();
  }

  /** Adds {@code [first, end)} and returns how many sequences of it were not in the set before. */
  public long add(long first, long end) {
    Invariant.check(first >= 0 && first <= end, "range: [" + first + ", " + end + ")");
    long from = Math.max(first, lowWater);
    if (end <= from) {
      return 0;
    }
    long mergedFirst = from;
    long mergedEnd = end;
    long known = 0;
    Map.Entry<Long, Long> at = ranges.floorEntry(from);
    if (at == null || at.getValue() < from) {
      at = ranges.higherEntry(from);
    }
    while (at != null && at.getKey() <= end) {
      known += Math.max(0, Math.min(at.getValue(), end) - Math.max(at.getKey(), from));
      mergedFirst = Math.min(mergedFirst, at.getKey());
      mergedEnd = Math.max(mergedEnd, at.getValue());
      ranges.remove(at.getKey());
      at = ranges.higherEntry(at.getKey());
    }
    if (mergedFirst <= lowWater) {
      lowWater = mergedEnd;
    } else {
      ranges.put(mergedFirst, mergedEnd);
    }
    return end - from - known;
  }

  public void addAll(long otherLowWater, List<SequenceRange> others) {
    add(0, otherLowWater);
    for (SequenceRange range : others) {
      add(range.first(), range.end());
    }
  }

  /** The parts of {@code [first, end)} that are not in the set, in order. */
  public List<SequenceRange> missing(long first, long end) {
    List<SequenceRange> gaps = new ArrayList<>();
    long at = Math.max(first, lowWater);
    Map.Entry<Long, Long> range = ranges.floorEntry(at);
    if (range == null || range.getValue() <= at) {
      range = ranges.higherEntry(at);
    }
    while (range != null && range.getKey() < end) {
      if (range.getKey() > at) {
        gaps.add(new SequenceRange(at, range.getKey()));
      }
      at = Math.max(at, range.getValue());
      range = ranges.higherEntry(range.getKey());
    }
    if (at < end) {
      gaps.add(new SequenceRange(at, end));
    }
    return gaps;
  }

  /** How many sequences of {@code [first, end)} are not in the set. */
  public long missingCount(long first, long end) {
    long count = 0;
    for (SequenceRange gap : missing(first, end)) {
      count += gap.count();
    }
    return count;
  }
}
