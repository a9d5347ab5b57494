/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static io.millrace.journal.mirror.Membership.MEMBERS;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings back a copy that is out of use, a bounded piece of work at a time. The work is confined to
 * one thread at a time; it takes {@code lock}, the lane's, where it changes who is a member or
 * which files there are, and copies bytes without it. The rest may be called by any thread.
 */
final class Rejoin {
  private final CopyContext context;
  private final List<MemberStore> stores;
  private final Membership membership;
  private final CopiedFiles files;
  private final CopyReports reports;
  private final ReentrantLock lock;

  /** Left as it is when its copy is dropped: the thread that works closes it. */
  private volatile CatchUp catchUp;

  private volatile boolean isOpen;
  private volatile boolean isWorking;

  Rejoin(
      CopyContext context,
      List<MemberStore> stores,
      Membership membership,
      CopiedFiles files,
      CopyReports reports,
      ReentrantLock lock) {
    this.context = context;
    this.stores = stores;
    this.membership = membership;
    this.files = files;
    this.reports = reports;
    this.lock = lock;
  }

  void open() {
    isOpen = true;
  }

  /** Work in progress ends with its next step. */
  void close() {
    isOpen = false;
  }

  /** What a copy that is being brought up to date still lacks. */
  long bytesToCopy() {
    CatchUp running = catchUp;
    return running == null || !isRunning() ? 0 : running.totalBytes() - running.doneBytes();
  }

  private boolean isRunning() {
    return membership.isCatchingUp(0) || membership.isCatchingUp(1);
  }

  Runnable dueWork(long nowNanos) {
    boolean isDue = isRunning() || nowNanos - membership.retryAtNanos() >= 0;
    if (isWorking || !membership.isActive() || !isOpen || !isDue) {
      return null;
    }
    isWorking = true;
    return this::work;
  }

  long nanosToWork(long nowNanos) {
    if (isWorking) {
      return Long.MAX_VALUE;
    }
    return isRunning() ? 0 : Math.max(0, membership.retryAtNanos() - nowNanos);
  }

  private void work() {
    try {
      CatchUp before = catchUp;
      if (isRunning()) {
        advance();
      } else {
        membership.retryLater();
        checkPresence();
        probe();
      }
      if (before != null && (before != catchUp || !isRunning())) {
        abandon(before);
      }
    } finally {
      isWorking = false;
    }
  }

  /** A directory that was emptied or unmounted may go on to take what is written to open files. */
  private void checkPresence() {
    if (membership.inSyncCount() < MEMBERS) {
      return;
    }
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> stores.get(m).checkPresence());
    }
    try {
      membership.settle(outcome);
    } catch (IOException e) {
      // Both are gone, or the one that is left can't say so: the next write will tell.
      reports.trouble(e);
    }
  }

  /** Begins to bring back the copy that is out of use, if its directory can be used again. */
  private void probe() {
    int member = membership.isInSync(0) ? 1 : 0;
    if (membership.isInSync(member) || !isOpen) {
      return;
    }
    MemberStore store = stores.get(member);
    try {
      store.createDirectory();
      store.unlock();
      if (!store.tryLock()) {
        return;
      }
      MemberFacts facts = store.facts(context.foreignPairs(stores.get(0).directory()));
      lock.lock();
      try {
        begin(member, facts);
      } finally {
        lock.unlock();
      }
    } catch (IOException e) {
      // Still out of use, as was said when it was left out.
      reports.trouble(e);
    }
  }

  private void begin(int member, MemberFacts facts) throws IOException {
    int source = 1 - member;
    CopyState state = membership.recordedState(source);
    if (state == null || !membership.isInSync(source)) {
      return;
    }
    if (!isContained(member, facts, state)) {
      reports.diverged(member);
      return;
    }
    membership.recordMixture(member);
    List<String> names = stores.get(source).laneFiles();
    stores.get(member).deleteAllBut(names);
    CatchUp begun =
        new CatchUp(
            context.disk(),
            stores.get(source).directory(),
            stores.get(member).directory(),
            files.toCopy(names),
            context.chunkBytes());
    begun.measure();
    catchUp = begun;
    membership.beginCatchingUp(member);
    reports.catchUpBegun(member, begun);
  }

  /** Whether the copy holds nothing that the one in use, whose state this is, does not. */
  private static boolean isContained(int member, MemberFacts facts, CopyState state) {
    MemberFacts ours = new MemberFacts(true, state, true, true, false);
    CopyPlan next = CopyPlan.of(member == 0 ? facts : ours, member == 0 ? ours : facts, null);
    return !facts.isForeign()
        && next.diverged() == CopyPlan.NONE
        && next.inSync() == CopyState.bit(state.member());
  }

  private void advance() {
    int member = membership.isInSync(0) ? 1 : 0;
    CatchUp running = catchUp;
    if (!isOpen) {
      return;
    }
    try {
      if (running.isBetweenFiles()) {
        beginFileOrFinish(member, running);
      } else {
        running.copyChunk();
      }
      if (membership.isCatchingUp(member)) {
        reports.progress(member, running);
      }
    } catch (IOException e) {
      lock.lock();
      try {
        membership.drop(member, e);
      } finally {
        lock.unlock();
      }
    }
  }

  private void beginFileOrFinish(int member, CatchUp running) throws IOException {
    lock.lock();
    try {
      if (membership.isCatchingUp(member) && !running.beginFile()) {
        stores.get(member).force();
        membership.admit(member);
      }
    } finally {
      lock.unlock();
    }
  }

  private void abandon(CatchUp left) {
    if (catchUp == left) {
      catchUp = null;
    }
    if (!left.isBetweenFiles()) {
      try {
        left.close();
      } catch (IOException e) {
        reports.trouble(e);
      }
    }
  }
}
