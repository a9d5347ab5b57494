/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import static io.millrace.journal.mirror.Membership.MEMBERS;

import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The two copies of one lane, as one directory. A call succeeds when it succeeded on every copy
 * that is in sync; one that fails alone is left out, durably, before the call returns. A call that
 * throws leaves each copy as a single disk would be left: nothing is known of that call, and
 * everything before it stands. Calls that change names are made one at a time, with {@code lock}
 * held; so is all that changes the membership. Rules: docs/formats/journal-v1.md#second-copy
 */
public final class LaneCopies {
  private final ReentrantLock lock = new ReentrantLock();
  private final List<MemberStore> stores;
  private final CopiedFiles files = new CopiedFiles();
  private final CopyReports reports;
  private final Membership membership;
  private final CopyOpening opening;
  private final Rejoin rejoin;

  LaneCopies(CopyContext context, Path directory, Path copyDirectory) {
    stores =
        List.of(
            new MemberStore(context.disk(), directory, 0),
            new MemberStore(context.disk(), copyDirectory, 1));
    reports = new CopyReports(context, List.of(directory, copyDirectory));
    membership = new Membership(context, stores, reports, lock);
    opening = new CopyOpening(stores, membership, reports);
    rejoin = new Rejoin(context, stores, membership, files, reports, lock);
  }

  // --- Opening

  /** Makes the directories that can be made; fails if none can. */
  void createDirectories() throws IOException {
    opening.createDirectories();
  }

  /** Locks what can be reached and settles what to read from; null if somebody else has a lock. */
  AutoCloseable tryLock(Set<UUID> foreign) throws IOException {
    lock.lock();
    try {
      // Perhaps not for the first time: a lane whose copies were both away is tried again.
      files.clear();
      if (!opening.tryLock(foreign)) {
        return null;
      }
      rejoin.open();
      return this::close;
    } finally {
      lock.unlock();
    }
  }

  private void close() throws IOException {
    rejoin.close();
    opening.unlock();
  }

  /** Called before anything is changed. On failure the lane can't be used for now. */
  void activate(int laneIndex) throws IOException {
    lock.lock();
    try {
      reports.nameLane(laneIndex);
      opening.ensureActive();
    } finally {
      lock.unlock();
    }
  }

  // --- Files

  DiskFile create(String name) throws IOException {
    lock.lock();
    try {
      opening.ensureActive();
      CopiedFile file = new CopiedFile(name);
      file.isOnTarget = true;
      MirrorFile created = mirror(file);
      Outcome outcome = Outcome.ofChange();
      for (int member = 0; member < MEMBERS; member++) {
        if (membership.isWritten(member, file)) {
          outcome.run(member, m -> created.attach(m, stores.get(m).create(name)));
        }
      }
      files.created(file);
      settleOrClose(outcome, created);
      return created;
    } finally {
      lock.unlock();
    }
  }

  DiskFile open(String name) throws IOException {
    lock.lock();
    try {
      MirrorFile opened = mirror(files.get(name));
      Outcome outcome = Outcome.ofChange();
      for (int member = 0; member < MEMBERS; member++) {
        if (membership.isInSync(member)) {
          outcome.run(member, opened::handle);
        }
      }
      settleOrClose(outcome, opened);
      return opened;
    } finally {
      lock.unlock();
    }
  }

  private MirrorFile mirror(CopiedFile file) {
    return new MirrorFile(stores, membership, reports, file);
  }

  private void settleOrClose(Outcome outcome, MirrorFile file) throws IOException {
    try {
      membership.settle(outcome);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  boolean exists(String name) throws IOException {
    boolean[] exists = {false};
    onEachInSync(m -> exists[0] |= stores.get(m).exists(name));
    return exists[0];
  }

  List<String> list() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    onEachInSync(m -> names.addAll(stores.get(m).laneFiles()));
    return List.copyOf(names);
  }

  /** Of the copy that has least. */
  long usableSpaceBytes() throws IOException {
    long[] bytes = {Long.MAX_VALUE};
    onEachInSync(m -> bytes[0] = Math.min(bytes[0], stores.get(m).usableSpaceBytes()));
    return bytes[0];
  }

  private void onEachInSync(Outcome.Call call) throws IOException {
    Outcome outcome = Outcome.ofLook();
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isInSync(member)) {
        outcome.run(member, call);
      }
    }
    membership.settle(outcome);
  }

  void rename(String from, String to) throws IOException {
    lock.lock();
    try {
      opening.ensureActive();
      CopiedFile file = files.get(from);
      Outcome outcome = Outcome.ofChange();
      for (int member = 0; member < MEMBERS; member++) {
        if (membership.isWritten(member, file)) {
          outcome.run(member, m -> stores.get(m).rename(from, to));
        }
      }
      files.renamed(file, to);
      membership.settle(outcome);
    } finally {
      lock.unlock();
    }
  }

  void delete(String name) throws IOException {
    lock.lock();
    try {
      opening.ensureActive();
      Outcome outcome = onEachInUse(m -> stores.get(m).delete(name));
      files.deleted(name);
      membership.settle(outcome);
    } finally {
      lock.unlock();
    }
  }

  void forceDirectory() throws IOException {
    lock.lock();
    try {
      opening.ensureActive();
      membership.settle(onEachInUse(m -> stores.get(m).force()));
    } finally {
      lock.unlock();
    }
  }

  private Outcome onEachInUse(Outcome.Call call) {
    Outcome outcome = Outcome.ofChange();
    for (int member = 0; member < MEMBERS; member++) {
      if (membership.isInUse(member)) {
        outcome.run(member, call);
      }
    }
    return outcome;
  }

  // --- Bringing a copy up to date

  public CopyStatus status() {
    return new CopyStatus(membership.inSyncCount(), rejoin.bytesToCopy());
  }

  /**
   * What is to be done now by another thread, once, or null. A bounded piece of work: ask again
   * when it is done.
   */
  public Runnable dueWork(long nowNanos) {
    return rejoin.dueWork(nowNanos);
  }

  /** When {@link #dueWork} is to be asked again, unless work in progress ends before. */
  public long nanosToWork(long nowNanos) {
    return rejoin.nanosToWork(nowNanos);
  }
}
