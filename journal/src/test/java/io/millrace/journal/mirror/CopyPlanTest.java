/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Which copies a lane is opened from, case by case. */
class CopyPlanTest {
  private static final UUID PAIR = new UUID(1, 2);
  private static final int FIRST = 1;
  private static final int SECOND = 2;
  private static final int BOTH = 3;
  private static final MemberFacts EMPTY = new MemberFacts(true, null, false, false, false);
  private static final MemberFacts NO_STATE = new MemberFacts(true, null, false, true, false);

  private static MemberFacts facts(int member, long generation, long contained, int inSync) {
    CopyState state = new CopyState(member, PAIR, generation, contained, inSync);
    return new MemberFacts(true, state, true, true, false);
  }

  private static MemberFacts first(long generation, int inSync) {
    return facts(0, generation, generation, inSync);
  }

  private static MemberFacts second(long generation, int inSync) {
    return facts(1, generation, generation, inSync);
  }

  private static void check(MemberFacts first, MemberFacts second, int inSync, int diverged) {
    assertThat(CopyPlan.of(first, second, null)).isEqualTo(new CopyPlan(inSync, false, diverged));
  }

  private static void check(MemberFacts first, MemberFacts second, int inSync) {
    check(first, second, inSync, CopyPlan.NONE);
  }

  @Test
  void bothAreUsedIfBothAgreeOrAreNew() {
    check(EMPTY, EMPTY, BOTH);
    check(first(5, BOTH), second(5, BOTH), BOTH);
  }

  @Test
  void theLaterGenerationWinsIfItContainsTheOther() {
    check(first(6, FIRST), second(5, BOTH), FIRST);
    check(first(5, BOTH), second(6, SECOND), SECOND);
    check(first(7, FIRST), second(6, SECOND), FIRST);
    check(first(6, SECOND), second(7, SECOND), SECOND);
  }

  @Test
  void aCopyThatIsBeingBroughtUpToDateNeverWins() {
    check(facts(0, 6, 0, SECOND), second(6, SECOND), SECOND);
    check(first(6, FIRST), facts(1, 6, 0, FIRST), FIRST);
    // The state of the one that was in sync is told first, and the other one's was not.
    check(first(7, BOTH), facts(1, 6, 0, FIRST), FIRST);
  }

  @Test
  void anEmptyDirectoryNeverWins() {
    check(EMPTY, second(5, BOTH), SECOND);
    check(first(5, BOTH), EMPTY, FIRST);
    check(EMPTY, NO_STATE, SECOND);
    check(NO_STATE, EMPTY, FIRST);
    assertThat(CopyPlan.of(EMPTY, facts(1, 5, 0, FIRST), null))
        .isEqualTo(new CopyPlan(SECOND, true, CopyPlan.NONE));
  }

  @Test
  void theOneThatIsThereIsUsed() {
    check(MemberFacts.UNREACHABLE, second(5, BOTH), SECOND);
    check(first(5, BOTH), MemberFacts.UNREACHABLE, FIRST);
    check(first(6, FIRST), MemberFacts.UNREACHABLE, FIRST);
    assertThat(CopyPlan.of(first(5, SECOND), MemberFacts.UNREACHABLE, null).isStale()).isTrue();
  }

  @Test
  void theWitnessKnowsThatTheOneThatIsThereWasLeftOut() {
    CopyState witness = new CopyState(CopyState.WITNESS, PAIR, 6, 0, SECOND);
    CopyState other = new CopyState(CopyState.WITNESS, new UUID(3, 4), 6, 0, SECOND);
    MemberFacts first = first(5, BOTH);
    assertThat(CopyPlan.of(first, MemberFacts.UNREACHABLE, witness).isStale()).isTrue();
    assertThat(CopyPlan.of(first, MemberFacts.UNREACHABLE, other).isStale()).isFalse();
    assertThat(CopyPlan.of(first(7, FIRST), MemberFacts.UNREACHABLE, witness).isStale()).isFalse();
  }

  @Test
  void copiesThatWentOnWithoutEachOtherAreNotOverwritten() {
    long unseen = CopyState.afterUnseen(4);
    check(facts(0, unseen, 4, FIRST), second(5, SECOND), FIRST, 1);
    check(first(5, FIRST), facts(1, unseen, 4, SECOND), SECOND, 0);
    check(facts(0, unseen, 4, FIRST), facts(1, unseen, 4, SECOND), FIRST, 1);
    // Opened without the other one, which had nothing new.
    check(facts(0, unseen, 4, FIRST), second(4, BOTH), FIRST);
  }

  @Test
  void whatCantBeComparedIsNotOverwritten() {
    CopyState foreign = new CopyState(1, new UUID(3, 4), 9, 9, SECOND);
    check(first(5, BOTH), new MemberFacts(true, foreign, true, true, false), FIRST, 1);
    check(first(5, BOTH), new MemberFacts(true, foreign, true, true, true), FIRST, 1);
    check(EMPTY, new MemberFacts(true, foreign, true, true, true), FIRST, 1);
    check(NO_STATE, NO_STATE, FIRST, 1);
    check(NO_STATE, second(5, BOTH), FIRST, 1);
    check(first(5, BOTH), NO_STATE, FIRST, 1);
    check(first(5, SECOND), NO_STATE, SECOND);
    check(NO_STATE, second(5, FIRST), FIRST);
  }
}
