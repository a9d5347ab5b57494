/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static io.millrace.journal.mirror.Membership.MEMBERS;

import java.io.IOException;

/** How one call went on each copy it was made on. Confined to the call. */
final class Outcome {
  private final boolean[] isDone = new boolean[MEMBERS];
  private final IOException[] failures = new IOException[MEMBERS];
  private final boolean isChange;
  private boolean hasFailure;

  private Outcome(boolean isChange) {
    this.isChange = isChange;
  }

  /** Of a call that every copy in sync must have had. */
  static Outcome ofChange() {
    return new Outcome(true);
  }

  /** Of a call that changes nothing: a copy that joins meanwhile misses nothing. */
  static Outcome ofLook() {
    return new Outcome(false);
  }

  /** A call on one copy. */
  interface Call {
    void on(int member) throws IOException;
  }

  void run(int member, Call call) {
    try {
      call.on(member);
      isDone[member] = true;
    } catch (IOException e) {
      failures[member] = e;
      hasFailure = true;
    }
  }

  boolean hasFailure() {
    return hasFailure;
  }

  boolean isDone(int member) {
    return isDone[member];
  }

  /** Whether the copy is not what it would be after the call. */
  boolean isMissedBy(int member) {
    return failures[member] != null || (isChange && !isDone[member]);
  }

  /** Null if it did not fail there. */
  IOException failure(int member) {
    return failures[member];
  }

  /** All of them in one. */
  IOException failure() {
    IOException first = failures[0] == null ? failures[1] : failures[0];
    if (failures[0] != null && failures[1] != null && failures[0] != failures[1]) {
      first.addSuppressed(failures[1]);
    }
    return first;
  }
}
