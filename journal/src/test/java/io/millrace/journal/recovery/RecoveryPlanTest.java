/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SegmentUse;
import io.millrace.journal.recovery.Repair.LossCause;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecoveryPlanTest {
  private static SegmentFacts segment(long ordinal, long firstSequence) {
    return new SegmentFacts(
        ordinal + ".seg", new SegmentUse(ordinal, 100), 0, firstSequence, false);
  }

  private static ScanFacts endsAt(long sequence, ScanFacts.Hole... holes) {
    return new ScanFacts(9000, sequence, sequence, List.of(holes), false);
  }

  private static RecoveryPlan plan(
      List<SegmentFacts> used, Map<String, ScanFacts> scans, SequenceSet acks, long hint) {
    return RecoveryPlan.of(SegmentChain.of(used, acks), scans, acks, hint, segment -> false);
  }

  private static List<String> liveOf(RecoveryPlan plan) {
    return plan.live().stream().map(link -> link.segment().name()).toList();
  }

  @Test
  void nothingFoundStartsAtZero() {
    RecoveryPlan plan = plan(List.of(), Map.of(), SequenceSet.below(0), 0);
    assertThat(plan.nextSequence()).isZero();
    assertThat(plan.repairs()).isEmpty();
  }

  @Test
  void segmentsBelowLowWaterAreRecycledAndTheRestIsLive() {
    RecoveryPlan plan =
        plan(
            List.of(segment(3, 20), segment(1, 0), segment(2, 10)),
            Map.of("3.seg", endsAt(25)),
            SequenceSet.below(10),
            0);
    assertThat(liveOf(plan)).containsExactly("2.seg", "3.seg");
    assertThat(plan.repairs()).containsExactly(new Repair.Recycle("1.seg"));
    assertThat(plan.nextSequence()).isEqualTo(25);
  }

  @Test
  void aSegmentThatALaterOneReplacesIsFree() {
    RecoveryPlan plan =
        plan(
            List.of(segment(1, 0), segment(2, 10), segment(3, 10)),
            Map.of("3.seg", endsAt(12)),
            SequenceSet.below(0),
            0);
    assertThat(liveOf(plan)).containsExactly("1.seg", "3.seg");
    assertThat(plan.repairs()).containsExactly(new Repair.Recycle("2.seg"));
  }

  @Test
  void aMissingOrdinalIsALossOnlyIfSequencesAreMissing() {
    List<SegmentFacts> used = List.of(segment(1, 0), segment(3, 20));
    assertThat(
            plan(used, Map.of("1.seg", endsAt(20), "3.seg", endsAt(22)), SequenceSet.below(0), 0)
                .repairs())
        .isEmpty();
    assertThat(
            plan(used, Map.of("1.seg", endsAt(10), "3.seg", endsAt(22)), SequenceSet.below(0), 0)
                .repairs())
        .containsExactly(new Repair.ReportLoss(10, 20, LossCause.MISSING_SEGMENT));
  }

  @Test
  void lossIsReportedLessWhatWasAcknowledged() {
    SequenceSet acks = SequenceSet.below(3);
    acks.add(5, 7);
    assertThat(plan(List.of(segment(4, 10)), Map.of("4.seg", endsAt(12)), acks, 0).repairs())
        .containsExactly(
            new Repair.ReportLoss(3, 5, LossCause.MISSING_SEGMENT),
            new Repair.ReportLoss(7, 10, LossCause.MISSING_SEGMENT));
  }

  @Test
  void theNextSequenceIsAboveAcknowledgementsAndCheckpoint() {
    SequenceSet acks = SequenceSet.below(0);
    acks.add(0, 30);
    assertThat(plan(List.of(segment(1, 0)), Map.of("1.seg", endsAt(25)), acks, 0).nextSequence())
        .isEqualTo(30);
    assertThat(plan(List.of(segment(1, 0)), Map.of("1.seg", endsAt(25)), acks, 33).repairs())
        .contains(new Repair.ReportLoss(30, 33, LossCause.MISSING_SEGMENT));
  }

  @Test
  void holesAreQuarantinedAndReportedWithWhatIsKnownOfThem() {
    ScanFacts scan =
        endsAt(
            12,
            new ScanFacts.Hole(4096, 8192, 0, 3, true),
            new ScanFacts.Hole(12288, 16384, 6, 9, false));
    assertThat(
            plan(List.of(segment(1, 0)), Map.of("1.seg", scan), SequenceSet.below(0), 0).repairs())
        .containsExactly(
            new Repair.Quarantine("1.seg", 4096, 8192),
            new Repair.ReportLoss(0, 3, LossCause.DAMAGED_FRAMES),
            new Repair.Quarantine("1.seg", 12288, 16384),
            new Repair.ReportLoss(6, 9, LossCause.UNFINISHED_WRITE));
  }
}
