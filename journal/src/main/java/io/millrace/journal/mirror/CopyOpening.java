/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static io.millrace.journal.mirror.Membership.MEMBERS;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * How a lane's copies come into use: locked, asked what they hold, and recorded before anything is
 * changed. Guarded by the lane's lock.
 */
final class CopyOpening {
  private final List<MemberStore> stores;
  private final Membership membership;
  private final CopyReports reports;

  /** Why a copy can't be used. */
  private final IOException[] reasons = new IOException[MEMBERS];

  private CopyPlan plan;

  CopyOpening(List<MemberStore> stores, Membership membership, CopyReports reports) {
    this.stores = stores;
    this.membership = membership;
    this.reports = reports;
  }

  /** Makes the directories that can be made; fails if none can. */
  void createDirectories() throws IOException {
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> stores.get(m).createDirectory());
      reasons[member] = outcome.failure(member);
    }
    if (!outcome.isDone(0) && !outcome.isDone(1)) {
      throw outcome.failure();
    }
  }

  /** Locks what can be reached and settles what to read from; false if somebody else has a lock. */
  boolean tryLock(Set<UUID> foreign) throws IOException {
    membership.deactivate();
    for (int member = 0; member < MEMBERS; member++) {
      if (reasons[member] == null && !tryLock(member)) {
        unlock();
        return false;
      }
    }
    MemberFacts[] facts = new MemberFacts[MEMBERS];
    for (int member = 0; member < MEMBERS; member++) {
      facts[member] = reachableFacts(member, foreign);
    }
    if (!facts[0].isReachable() && !facts[1].isReachable()) {
      unlock();
      reasons[0].addSuppressed(reasons[1]);
      throw reasons[0];
    }
    plan = membership.adopt(facts);
    return true;
  }

  private boolean tryLock(int member) {
    try {
      return stores.get(member).tryLock();
    } catch (IOException e) {
      reasons[member] = e;
      return true;
    }
  }

  private MemberFacts reachableFacts(int member, Set<UUID> foreign) {
    if (reasons[member] != null) {
      return MemberFacts.UNREACHABLE;
    }
    try {
      return stores.get(member).facts(foreign);
    } catch (IOException e) {
      reasons[member] = e;
      return MemberFacts.UNREACHABLE;
    }
  }

  void unlock() throws IOException {
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> stores.get(m).unlock());
    }
    if (outcome.hasFailure()) {
      throw outcome.failure();
    }
  }

  /** Called before anything is changed. On failure the lane can't be used for now. */
  void ensureActive() throws IOException {
    if (membership.isActive()) {
      return;
    }
    recordOrLeaveOut();
    report();
    membership.activate();
    if (membership.inSyncCount() == MEMBERS) {
      uniteFiles();
    }
  }

  /** The first record of a life, with both copies if both take it. */
  private void recordOrLeaveOut() throws IOException {
    try {
      membership.ensureRecorded();
    } catch (IOException e) {
      if (membership.inSyncCount() < MEMBERS) {
        throw e;
      }
      leaveOutFirstThatFails(e);
    }
  }

  private void leaveOutFirstThatFails(IOException cause) throws IOException {
    for (int member = 0; member < MEMBERS; member++) {
      try {
        membership.recordWithout(member);
        reasons[member] = cause;
        return;
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
    throw cause;
  }

  private void report() {
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isInUse(member)) {
        if (plan.isStale()) {
          reports.stale(member);
        }
      } else if (member == plan.diverged()) {
        reports.diverged(member);
      } else {
        IOException reason = reasons[member];
        reports.lost(member, reason == null ? new IOException("it is not up to date") : reason);
      }
    }
  }

  /**
   * After a crash a rename or deletion may have outlived it in one copy only. A file that has its
   * final name is complete, and one too many does no harm: both get all.
   */
  private void uniteFiles() throws IOException {
    List<Set<String>> names = List.of(new TreeSet<>(), new TreeSet<>());
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> names.get(m).addAll(stores.get(m).laneFiles()));
    }
    membership.settle(outcome);
    for (int member = 0; member < MEMBERS; member++) {
      for (String name : names.get(1 - member)) {
        if (!names.get(member).contains(name)
            && membership.isInSync(member)
            && !name.endsWith(CopyStateFile.NEW_SUFFIX)) {
          try {
            stores.get(member).copyFrom(stores.get(1 - member), name);
          } catch (IOException e) {
            membership.exclude(member, e);
            return;
          }
        }
      }
    }
  }
}
