/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

/**
 * What is known of one copy before the lane is opened. Immutable.
 *
 * @param state null if there is none that is intact
 * @param isStateWhole whether the state is there twice, as it should be
 * @param hasContent whether there are files of a lane
 * @param isForeign whether the state is that of another lane's data directory
 */
record MemberFacts(
    boolean isReachable,
    CopyState state,
    boolean isStateWhole,
    boolean hasContent,
    boolean isForeign) {
  static final MemberFacts UNREACHABLE = new MemberFacts(false, null, false, false, false);

  boolean isEmpty() {
    return state == null && !hasContent;
  }

  boolean claims(int member) {
    return state != null && state.includes(member);
  }
}
