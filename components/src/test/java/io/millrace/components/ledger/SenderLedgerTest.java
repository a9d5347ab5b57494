/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Origin;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SenderLedgerTest {
  private static final UUID JOURNAL = new UUID(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
  private static final int DIGEST_BYTES = 1 << 20;

  private final SenderLedger ledger = new SenderLedger(LedgerLimits.storedWithin(DIGEST_BYTES));

  @Test
  void whatWasReleasedIsNotHad() {
    claim(ledger, retry(0, 10)).settle();
    assertThat(ledger.judge(retry(0, 10))).isInstanceOf(Claim.class);
  }

  @Test
  void whatWasRecordedIsHadThoughItsClaimIsNotSettledYet() {
    Claim claim = claim(ledger, retry(0, 10));
    ledger.record(claim.note());
    assertThat(ledger.judge(retry(2, 5))).isEqualTo(Verdict.HAD);
  }

  @Test
  void theFloorCollapsesWhatWasNeverSentHere() {
    for (long first = 0; first < 1000; first += 10) {
      record(ledger, retry(first, 5));
    }
    assertThat(ledger.rangeCount()).isEqualTo(99);
    record(ledger, new Origin(JOURNAL, 0, 1000, 5, 1, 990, false, ""));
    assertThat(ledger.rangeCount()).isEqualTo(1);
  }

  @Test
  void theLowestRangesAreForgottenFirstAndCounted() {
    SenderLedger small = new SenderLedger(new LedgerLimits(10, 16, 100, DIGEST_BYTES));
    for (int i = 1; i <= 17; i++) {
      record(small, retry(i * 10L, 5));
    }
    assertThat(small.rangeCount()).isEqualTo(15);
    assertThat(small.forgottenRangeCount()).isEqualTo(2);
    assertThat(small.judge(retry(20, 5))).isInstanceOf(Claim.class);
    assertThat(small.judge(retry(30, 5))).isEqualTo(Verdict.HAD);
    assertThat(small.judge(retry(170, 5))).isEqualTo(Verdict.HAD);
  }

  @Test
  void theSendersUsedLongestAgoAreForgottenFirstAndCounted() {
    SenderLedger small = new SenderLedger(new LedgerLimits(16, 4, 100, DIGEST_BYTES));
    for (int lane = 0; lane < 16; lane++) {
      record(small, ofLane(lane));
    }
    record(small, ofLane(0).part(0, 1));
    record(small, ofLane(16));
    assertThat(small.senderCount()).isEqualTo(15);
    assertThat(small.forgottenSenderCount()).isEqualTo(2);
    assertThat(small.judge(ofLane(0))).isEqualTo(Verdict.HAD);
    assertThat(small.judge(ofLane(3))).isEqualTo(Verdict.HAD);
    assertThat(small.judge(ofLane(1))).isInstanceOf(Claim.class);
  }

  @Test
  void aSenderWhoseEventsAreOnTheirWayIsNotForgotten() {
    SenderLedger small = new SenderLedger(new LedgerLimits(4, 4, 100, DIGEST_BYTES));
    Claim claim = claim(small, ofLane(0));
    for (int lane = 1; lane < 20; lane++) {
      record(small, ofLane(lane));
    }
    assertThat(small.judge(ofLane(0))).isInstanceOf(Verdict.UnderWay.class);
    small.record(claim.note());
    claim.settle();
    assertThat(small.judge(ofLane(0))).isEqualTo(Verdict.HAD);
  }

  @Test
  void rangesOfAllSendersTogetherAreBounded() {
    SenderLedger small = new SenderLedger(new LedgerLimits(1000, 10, 40, DIGEST_BYTES));
    for (int lane = 0; lane < 50; lane++) {
      for (int i = 1; i <= 10; i++) {
        record(small, new Origin(JOURNAL, lane, i * 10L, 5, 1, 0, false, ""));
      }
      assertThat(small.rangeCount()).isLessThanOrEqualTo(40);
    }
    assertThat(small.forgottenSenderCount()).isPositive();
  }

  @Test
  void refusedRunsAreBoundedToo() {
    SenderLedger small = new SenderLedger(new LedgerLimits(1000, 10, 100, DIGEST_BYTES));
    for (int lane = 0; lane < 20; lane++) {
      record(small, new Origin(JOURNAL, lane, 0, 1000, 1, 0, false, ""));
      for (int i = 0; i < 1000; i++) {
        assertThat(small.judge(new Origin(JOURNAL, lane, i, 1, 2, 0, true, "")))
            .isEqualTo(Verdict.LATE);
      }
      assertThat(small.rangeCount()).isLessThanOrEqualTo(100);
    }
    assertThat(small.forgottenSenderCount()).isPositive();
  }

  @Test
  void twoFreshRunsOfTheSameNumbersProveTwoWriters() {
    record(ledger, fresh(0, 10, 1));
    assertThat(claim(ledger, fresh(5, 10, 2)).isFirstContest()).isTrue();
    assertThat(claim(ledger, fresh(5, 10, 2)).isFirstContest()).isFalse();
    assertThat(ledger.rangeCount()).isZero();
  }

  /** What one of two writers sent is refused to the other, who is there to send it again. */
  @Test
  void aFreshRunThatWasHadIsRefusedAndProvesTwoWritersWhenItComesAgain() {
    record(ledger, retry(0, 10, 1));
    assertThat(ledger.judge(fresh(0, 10, 2))).isEqualTo(Verdict.LATE);
    assertThat(claim(ledger, retry(0, 4, 2)).isFirstContest()).isTrue();
    assertThat(claim(ledger, retry(0, 10, 2)).isFirstContest()).isFalse();
    assertThat(claim(ledger, retry(0, 10, 1)).note().isContested()).isTrue();
    assertThat(ledger.contestedSenderCount()).isOne();
  }

  @Test
  void aFreshRunThatIsOnItsWayIsRefused() {
    claim(ledger, fresh(0, 10, 1));
    assertThat(ledger.judge(fresh(0, 10, 1))).isEqualTo(Verdict.LATE);
    assertThat(claim(ledger, fresh(0, 10, 1)).isFirstContest()).isTrue();
  }

  /** The first call hangs in an old connection while its sender has sent all of it again. */
  @Test
  void aFirstCallThatIsHandledAfterItsRetryIsHad() {
    record(ledger, retry(0, 6, 1));
    record(ledger, retry(6, 9, 1));
    assertThat(ledger.judge(fresh(0, 10, 1))).isEqualTo(Verdict.HAD);
    assertThat(ledger.judge(retry(0, 10, 1))).isEqualTo(Verdict.HAD);
    assertThat(ledger.contestedSenderCount()).isZero();
  }

  @Test
  void aFirstCallOfADeadProcessIsRefusedAndAccusesNobody() {
    record(ledger, retry(0, 10, 2));
    assertThat(ledger.judge(fresh(0, 10, 1))).isEqualTo(Verdict.LATE);
    assertThat(ledger.judge(retry(0, 10, 2))).isEqualTo(Verdict.HAD);
    assertThat(claim(ledger, fresh(10, 10, 2)).isFirstContest()).isFalse();
    assertThat(ledger.contestedSenderCount()).isZero();
  }

  @Test
  void whatIsAppendedButNotRecordedYetIsOnItsWay() {
    Claim claim = claim(ledger, retry(0, 10));
    claim.settleOnceRecorded();
    assertThat(claim.settled()).isNotDone();
    assertThat(ledger.judge(retry(0, 10))).isInstanceOf(Verdict.UnderWay.class);
    ledger.record(claim.note());
    assertThat(claim.settled()).isDone();
    assertThat(ledger.judge(retry(0, 10))).isEqualTo(Verdict.HAD);
  }

  @Test
  void nobodyWaitsForARecordOnceTheSenderIsContested() {
    Claim claim = claim(ledger, retry(50, 10, 1));
    claim.settleOnceRecorded();
    record(ledger, fresh(0, 10, 1));
    assertThat(claim(ledger, fresh(0, 10, 2)).isFirstContest()).isTrue();
    assertThat(claim.settled()).isDone();
  }

  @Test
  void twoOpeningsThatBothUseNewNumbersProveTwoWriters() {
    record(ledger, fresh(0, 10, 1));
    record(ledger, fresh(20, 10, 2));
    // The first opening goes on after numbers that the second one gave away.
    assertThat(claim(ledger, fresh(40, 10, 1)).isFirstContest()).isTrue();
  }

  @Test
  void lateCallsOfAnEarlierOpeningAreNoProofInWhateverOrderTheyCome() {
    record(ledger, fresh(100, 10, 2));
    assertThat(claim(ledger, fresh(50, 10, 1)).isFirstContest()).isFalse();
    assertThat(claim(ledger, fresh(110, 10, 2)).isFirstContest()).isFalse();
    assertThat(claim(ledger, fresh(60, 40, 1)).isFirstContest()).isFalse();
    assertThat(ledger.contestedSenderCount()).isZero();
  }

  @Test
  void aContestOutlivesTheProcessByItsNoteAndByTheDigest() throws Exception {
    record(ledger, fresh(0, 10, 1));
    Claim contested = claim(ledger, fresh(0, 10, 2));
    SenderLedger byNote = new SenderLedger(LedgerLimits.inMemory());
    byNote.record(contested.encodedNote());
    assertThat(byNote.judge(retry(0, 10))).isInstanceOf(Claim.class);
    ledger.record(contested.note());
    SenderLedger byDigest = new SenderLedger(LedgerLimits.inMemory());
    byDigest.record(SenderNote.of(fresh(0, 10, 1), false));
    byDigest.merge(ledger.digest());
    assertThat(byDigest.judge(retry(0, 10))).isInstanceOf(Claim.class);
  }

  @Test
  void aDigestTooLargeKeepsThoseUsedLast() throws Exception {
    SenderLedger tight = new SenderLedger(new LedgerLimits(100, 10, 1000, 500));
    for (int lane = 0; lane < 50; lane++) {
      record(tight, ofLane(lane));
    }
    byte[] digest = tight.digest();
    assertThat(digest.length).isBetween(400, 500);
    assertThat(tight.leftOutSenderCount()).isBetween(30L, 49L);
    SenderLedger next = new SenderLedger(LedgerLimits.inMemory());
    next.merge(digest);
    assertThat(next.senderCount()).isEqualTo(50 - tight.leftOutSenderCount());
    assertThat(next.judge(ofLane(49))).isEqualTo(Verdict.HAD);
    assertThat(next.judge(ofLane(0))).isInstanceOf(Claim.class);
  }

  @Test
  void theOrderOfUseOutlivesADigest() throws Exception {
    for (int lane = 0; lane < 16; lane++) {
      record(ledger, ofLane(lane));
    }
    SenderLedger next = new SenderLedger(new LedgerLimits(16, 4, 100, DIGEST_BYTES));
    next.merge(ledger.digest());
    record(next, ofLane(16));
    assertThat(next.judge(ofLane(15))).isEqualTo(Verdict.HAD);
    assertThat(next.judge(ofLane(0))).isInstanceOf(Claim.class);
  }

  /** Golden vectors: what is stored must stay readable. */
  @Test
  void noteAndDigestAreStoredInTheseBytes() throws Exception {
    SenderNote note = new SenderNote(JOURNAL, 3, 0x1122, 200, 50, 100, true, false);
    String noteHex =
        "0101"
            + "0102030405060708090a0b0c0d0e0f10"
            + "00000003"
            + "0000000000001122"
            + "00000000000000c8"
            + "00000032"
            + "0000000000000064";
    assertThat(HexFormat.of().formatHex(note.encode())).isEqualTo(noteHex);
    assertThat(SenderNote.decode(HexFormat.of().parseHex(noteHex))).isEqualTo(note);
    ledger.record(note);
    String digestHex =
        "01"
            + "0102030405060708090a0b0c0d0e0f10"
            + "00000003"
            + "00"
            + "64"
            + "01"
            + "64"
            + "32"
            + "01"
            + "0000000000001122"
            + "00000000000000c8"
            + "00000000000000fa"
            + "7fffffffffffffff"
            + "0000000000000000";
    assertThat(HexFormat.of().formatHex(ledger.digest())).isEqualTo(digestHex);
  }

  @Test
  void notesAndDigestsOfOtherVersionsAreNotTakenForOurs() {
    byte[] note = SenderNote.of(retry(0, 10), false).encode();
    note[0] = 2;
    assertThatThrownBy(() -> ledger.record(note))
        .isInstanceOf(UnreadableLedgerException.class)
        .hasMessageContaining("version 2 (expected: 50 bytes, version 1)");
    assertThatThrownBy(() -> ledger.merge(new byte[] {9}))
        .isInstanceOf(UnreadableLedgerException.class)
        .hasMessageContaining("version 9");
    assertThatThrownBy(() -> ledger.merge(new byte[0]))
        .isInstanceOf(UnreadableLedgerException.class);
    assertThat(ledger.senderCount()).isZero();
  }

  @Property
  void garbageIsRefusedAndNeverBreaks(@ForAll @Size(max = 300) byte[] garbage) {
    byte[] digest = garbage.clone();
    if (digest.length > 0) {
      digest[0] = 1;
    }
    SenderLedger any = new SenderLedger(LedgerLimits.inMemory());
    try {
      any.merge(digest);
    } catch (UnreadableLedgerException e) {
      assertThat(any.senderCount()).isZero();
    }
    try {
      any.record(digest);
    } catch (UnreadableLedgerException e) {
      assertThat(e).hasMessageContaining("note");
    }
  }

  @Property(tries = 300)
  void anyDamageOfADigestIsRefusedOrReadable(@ForAll long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      record(ledger, new Origin(JOURNAL, i % 3, random.nextInt(500), 3, i % 5, 0, false, ""));
    }
    byte[] digest = ledger.digest();
    digest[random.nextInt(digest.length)] ^= (byte) (1 << random.nextInt(8));
    SenderLedger next = new SenderLedger(LedgerLimits.inMemory());
    try {
      next.merge(digest);
    } catch (UnreadableLedgerException e) {
      assertThat(next.senderCount()).isZero();
    }
  }

  private static Origin retry(long first, int count) {
    return new Origin(JOURNAL, 0, first, count, 1, 0, false, "");
  }

  private static Origin retry(long first, int count, long session) {
    return new Origin(JOURNAL, 0, first, count, session, 0, false, "");
  }

  private static Origin fresh(long first, int count, long session) {
    return new Origin(JOURNAL, 0, first, count, session, 0, true, "");
  }

  private static Origin ofLane(int lane) {
    return new Origin(JOURNAL, lane, 0, 10, 1, 0, false, "");
  }

  private static Claim claim(SenderLedger ledger, Origin origin) {
    Verdict verdict = ledger.judge(origin);
    assertThat(verdict).isInstanceOf(Claim.class);
    return (Claim) verdict;
  }

  private static void record(SenderLedger ledger, Origin origin) {
    Verdict verdict = ledger.judge(origin);
    if (verdict instanceof Claim claim) {
      ledger.record(claim.note());
      claim.settle();
    }
  }
}
