/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.recovery.Repair.LossCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What recovery does with a lane. Immutable. Rules: docs/formats/journal-v1.md#recovery
 *
 * @param live segments to be read from, oldest first, by name
 * @param kept segments that hold nothing but notes and digests that are still needed
 * @param nextSequence of the first record appended from now on
 */
public record RecoveryPlan(
    List<SegmentChain.Link> live,
    List<SegmentFacts> kept,
    List<Repair> repairs,
    long nextSequence) {

  public RecoveryPlan {
    live = List.copyOf(live);
    kept = List.copyOf(kept);
    repairs = List.copyOf(repairs);
  }

  /**
   * @param scans of the tail and of every link that is followed by a gap, by segment name
   * @param hintedNextSequence the checkpoint's, or 0
   * @param isNeeded whether a segment holds notes or a digest that are still needed
   */
  public static RecoveryPlan of(
      SegmentChain chain,
      Map<String, ScanFacts> scans,
      SequenceSet acks,
      long hintedNextSequence,
      Predicate<SegmentFacts> isNeeded) {
    return new Builder(acks, isNeeded).build(chain, scans, hintedNextSequence);
  }

  private static final class Builder {
    private final SequenceSet acks;
    private final Predicate<SegmentFacts> isNeeded;
    private final List<SegmentChain.Link> live = new ArrayList<>();
    private final List<SegmentFacts> kept = new ArrayList<>();
    private final List<Repair> repairs = new ArrayList<>();

    /** Every sequence below it is in a segment seen so far, acknowledged, or reported. */
    private long reached;

    Builder(SequenceSet acks, Predicate<SegmentFacts> isNeeded) {
      this.acks = acks;
      this.isNeeded = isNeeded;
      this.reached = acks.lowWater();
    }

    RecoveryPlan build(SegmentChain chain, Map<String, ScanFacts> scans, long hintedNextSequence) {
      chain.free().forEach(this::free);
      for (SegmentChain.Link link : chain.live()) {
        reportMissing(reached, link.firstSequence(), LossCause.MISSING_SEGMENT);
        ScanFacts scan = scans.get(link.segment().name());
        reached = scan == null ? link.endSequence() : reachedBy(link, scan);
        addLive(link);
      }
      long nextSequence = Math.max(Math.max(reached, acks.end()), hintedNextSequence);
      reportMissing(reached, nextSequence, LossCause.MISSING_SEGMENT);
      return new RecoveryPlan(live, kept, repairs, nextSequence);
    }

    private void free(SegmentFacts segment) {
      if (isNeeded.test(segment)) {
        kept.add(segment);
      } else {
        repairs.add(new Repair.Recycle(segment.name()));
      }
    }

    private long reachedBy(SegmentChain.Link link, ScanFacts scan) {
      String name = link.segment().name();
      for (ScanFacts.Hole hole : scan.holes()) {
        long end = Math.min(hole.endSequence(), link.endSequence());
        if (hole.firstSequence() < end && !acks.missing(hole.firstSequence(), end).isEmpty()) {
          repairs.add(new Repair.Quarantine(name, hole.position(), hole.endPosition()));
          reportMissing(
              hole.firstSequence(),
              end,
              hole.isProvenDamage() ? LossCause.DAMAGED_FRAMES : LossCause.UNFINISHED_WRITE);
        }
      }
      if (link.isTail() && scan.isTorn()) {
        repairs.add(new Repair.TruncateTail(name, scan.endPosition(), scan.endSequence()));
      }
      return Math.max(link.firstSequence(), Math.min(scan.endSequence(), link.endSequence()));
    }

    private void addLive(SegmentChain.Link link) {
      if (acks.missing(link.firstSequence(), reached).isEmpty()) {
        free(link.segment());
      } else {
        live.add(link);
      }
    }

    private void reportMissing(long first, long end, LossCause cause) {
      if (first < end) {
        for (SequenceRange range : acks.missing(first, end)) {
          repairs.add(new Repair.ReportLoss(range.first(), range.end(), cause));
        }
      }
    }
  }
}
