/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

/**
 * Which copies a lane is opened from. A copy that another one left out never wins, and one that
 * holds what the other does not know of is never overwritten. Immutable; does no I/O.
 *
 * @param inSync bits of the members to open from: both only if they agree on it
 * @param isStale the member to open from was left out by one that is not there
 * @param diverged the member that is to be left as it is, or {@link #NONE}
 */
record CopyPlan(int inSync, boolean isStale, int diverged) {
  static final int NONE = -1;
  private static final int BOTH = CopyState.bit(0) | CopyState.bit(1);

  /**
   * @param witness what the checkpoint directory remembers of the pair, or null
   */
  static CopyPlan of(MemberFacts first, MemberFacts second, CopyState witness) {
    MemberFacts[] facts = {first, second};
    CopyPlan plan = choose(first, second);
    if (plan.inSync == BOTH) {
      return plan;
    }
    int source = plan.inSync == CopyState.bit(0) ? 0 : 1;
    CopyState state = facts[source].state();
    boolean isLeftOut =
        state != null
            && (!state.includes(source)
                || (witness != null
                    && witness.pairId().equals(state.pairId())
                    && witness.generation() > state.generation()
                    && !witness.includes(source)));
    return new CopyPlan(plan.inSync, isLeftOut, plan.diverged);
  }

  private static CopyPlan only(int member) {
    return new CopyPlan(CopyState.bit(member), false, NONE);
  }

  private static CopyPlan only(int member, int diverged) {
    return new CopyPlan(CopyState.bit(member), false, diverged);
  }

  private static CopyPlan choose(MemberFacts first, MemberFacts second) {
    if (second.isForeign()) {
      return only(0, 1);
    }
    if (!first.isReachable() || !second.isReachable()) {
      return only(first.isReachable() ? 0 : 1);
    }
    if (first.isEmpty() || second.isEmpty()) {
      boolean isNew = first.isEmpty() && second.isEmpty();
      return isNew ? new CopyPlan(BOTH, false, NONE) : only(first.isEmpty() ? 1 : 0);
    }
    if (first.state() == null || second.state() == null) {
      return withoutState(first, second);
    }
    return byState(first.state(), second.state());
  }

  /** Both have content, and at most one says what it is. */
  private static CopyPlan withoutState(MemberFacts first, MemberFacts second) {
    if (first.state() != null && !first.claims(0)) {
      return only(1);
    }
    if (second.state() != null && !second.claims(1)) {
      return only(0);
    }
    // Neither is known to be the older one.
    return only(0, 1);
  }

  private static CopyPlan byState(CopyState first, CopyState second) {
    if (!first.pairId().equals(second.pairId())) {
      return only(0, 1);
    }
    if (first.generation() == second.generation() && first.inSync() == second.inSync()) {
      return first.inSync() == BOTH
          ? new CopyPlan(BOTH, false, NONE)
          : only(first.includes(0) ? 0 : 1);
    }
    int later = second.generation() > first.generation() ? 1 : 0;
    if (first.includes(0) && second.includes(1)) {
      boolean hasSecond = second.generation() <= first.contained();
      boolean hasFirst = first.generation() <= second.contained();
      if (hasFirst == hasSecond) {
        // Each went on without the other.
        return only(later, 1 - later);
      }
      return only(hasSecond ? 0 : 1);
    }
    if (first.includes(0) != second.includes(1)) {
      return only(first.includes(0) ? 0 : 1);
    }
    return only(later);
  }
}
