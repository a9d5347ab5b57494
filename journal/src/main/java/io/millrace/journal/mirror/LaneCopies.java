/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.DiskFullException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The two copies of one lane, and which of them hold everything. A call succeeds when it succeeded
 * on every copy that is in sync; one that fails alone is left out, durably, before the call
 * returns. A call that throws leaves each copy as a single disk would be left: nothing is known of
 * that call, and everything before it stands. Guarded by {@code lock}, but for the bytes of files.
 * Rules: docs/formats/journal-v1.md#second-copy
 */
public final class LaneCopies {
  static final int MEMBERS = 2;

  private enum Membership {
    IN_SYNC,
    CATCHING_UP,
    LOST
  }

  private final CopyContext context;
  private final Disk disk;
  private final List<Path> directories;
  private final MemberStore[] stores = new MemberStore[MEMBERS];
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicReferenceArray<Membership> memberships = new AtomicReferenceArray<>(MEMBERS);
  private final CopiedFiles files = new CopiedFiles();
  private final CopyReports reports;

  /** How often the copy was begun anew. */
  private final long[] incarnations = new long[MEMBERS];

  private volatile boolean isActive;
  private volatile boolean isClosed;

  /** False while the disk may hold a state that takes a copy for in sync which is not. */
  private volatile boolean isRecorded = true;

  private UUID pairId;
  private long generation;

  /** False while a copy that could not be asked may hold what this one does not. */
  private boolean isOtherKnown;

  /** What is contained while {@link #isOtherKnown} is false. */
  private long containedUnseen;

  private CopyPlan plan;
  private final IOException[] reasons = new IOException[MEMBERS];

  private volatile CatchUp catchUp;
  private volatile boolean isWorking;
  private volatile long nextProbeNanos;

  /** Given up; to be closed by the thread that works. */
  private volatile CatchUp abandoned;

  LaneCopies(CopyContext context, Path directory, Path copyDirectory) {
    this.context = context;
    this.disk = context.disk();
    this.directories = List.of(directory, copyDirectory);
    this.reports = new CopyReports(context, directories);
    for (int member = 0; member < MEMBERS; member++) {
      stores[member] = new MemberStore(disk, directories.get(member), member);
      memberships.set(member, Membership.LOST);
    }
  }

  Path directory() {
    return directories.get(0);
  }

  // --- Opening

  /** Makes the directories that can be made; fails if none can. */
  void createDirectories() throws IOException {
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> disk.createDirectories(directories.get(m)));
      reasons[member] = outcome.failure(member);
    }
    if (!outcome.isDone(0) && !outcome.isDone(1)) {
      throw outcome.failure();
    }
  }

  /** Locks what can be reached and settles what to read from; null if somebody else has a lock. */
  AutoCloseable tryLock(Set<UUID> foreign) throws IOException {
    lock.lock();
    try {
      // Perhaps not for the first time: a lane whose copies were both away is tried again.
      isClosed = false;
      isActive = false;
      files.clear();
      for (int member = 0; member < MEMBERS; member++) {
        if (reasons[member] == null && !tryLock(member)) {
          close();
          return null;
        }
      }
      MemberFacts[] facts = new MemberFacts[MEMBERS];
      for (int member = 0; member < MEMBERS; member++) {
        facts[member] = reachableFacts(member, foreign);
      }
      if (!facts[0].isReachable() && !facts[1].isReachable()) {
        close();
        reasons[0].addSuppressed(reasons[1]);
        throw reasons[0];
      }
      settle(facts);
      return this::close;
    } finally {
      lock.unlock();
    }
  }

  private boolean tryLock(int member) {
    try {
      return stores[member].tryLock();
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
      return stores[member].facts(foreign);
    } catch (IOException e) {
      reasons[member] = e;
      return MemberFacts.UNREACHABLE;
    }
  }

  private void settle(MemberFacts[] facts) {
    CopyState known = null;
    for (MemberFacts fact : facts) {
      if (fact.state() != null && !fact.isForeign()) {
        generation = Math.max(generation, fact.state().generation());
      }
    }
    CopyPlan withoutWitness = CopyPlan.of(facts[0], facts[1], null);
    for (int member = MEMBERS - 1; member >= 0; member--) {
      if ((withoutWitness.inSync() & CopyState.bit(member)) != 0) {
        known = facts[member].state();
      }
    }
    pairId = known == null ? null : known.pairId();
    CopyState witness = pairId == null ? null : context.readWitness(pairId);
    plan = CopyPlan.of(facts[0], facts[1], witness);
    isRecorded =
        known != null && known.generation() == generation && known.inSync() == plan.inSync();
    if (witness != null && witness.generation() > generation) {
      generation = witness.generation();
      isRecorded = false;
    }
    isOtherKnown =
        facts[0].isReachable() && facts[1].isReachable() && plan.diverged() == CopyPlan.NONE;
    if (!isOtherKnown && known != null) {
      containedUnseen = known.contained();
      generation = isRecorded ? generation : CopyState.afterUnseen(generation);
    }
    for (int member = 0; member < MEMBERS; member++) {
      boolean isUsed = (plan.inSync() & CopyState.bit(member)) != 0;
      memberships.set(member, isUsed ? Membership.IN_SYNC : Membership.LOST);
      isRecorded &= !isUsed || facts[member].isStateWhole();
    }
  }

  /** Called before anything is changed. On failure the lane can't be used for now. */
  void activate(int index) throws IOException {
    lock.lock();
    try {
      reports.nameLane(index);
      ensureActive();
    } finally {
      lock.unlock();
    }
  }

  private void ensureActive() throws IOException {
    if (isActive) {
      return;
    }
    if (pairId == null) {
      pairId = new UUID(context.random().getAsLong(), context.random().getAsLong());
    }
    if (!isRecorded) {
      recordOrLeaveOut();
    }
    reportOpening();
    nextProbeNanos = context.nanoClock().getAsLong();
    isActive = true;
    if (inSyncCount() == MEMBERS) {
      uniteFiles();
    }
  }

  /** The first record of a life, with both copies if both take it. */
  private void recordOrLeaveOut() throws IOException {
    try {
      record();
    } catch (IOException e) {
      if (inSyncCount() < MEMBERS) {
        throw e;
      }
      leaveOutFirstThatFails(e);
    }
  }

  private void leaveOutFirstThatFails(IOException cause) throws IOException {
    for (int member = 0; member < MEMBERS; member++) {
      try {
        memberships.set(member, Membership.LOST);
        record();
        reasons[member] = cause;
        return;
      } catch (IOException e) {
        memberships.set(member, Membership.IN_SYNC);
        cause.addSuppressed(e);
      }
    }
    throw cause;
  }

  /**
   * After a crash a rename or deletion may have outlived it in one copy only. A file that has its
   * final name is complete, and one too many does no harm: both get all.
   */
  private void uniteFiles() throws IOException {
    List<Set<String>> names = List.of(new TreeSet<>(), new TreeSet<>());
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> names.get(m).addAll(stores[m].laneFiles()));
    }
    settle(outcome);
    for (int member = 0; member < MEMBERS; member++) {
      for (String name : names.get(1 - member)) {
        if (!names.get(member).contains(name)
            && isRead(member)
            && !name.endsWith(CopyStateFile.NEW_SUFFIX)) {
          try {
            stores[member].copyFrom(stores[1 - member], name);
          } catch (IOException e) {
            exclude(member, e);
            return;
          }
        }
      }
    }
  }

  private void reportOpening() {
    for (int member = 0; member < MEMBERS; member++) {
      if (memberships.get(member) == Membership.LOST) {
        if (member == plan.diverged()) {
          reports.diverged(member);
        } else {
          IOException reason = reasons[member];
          reports.lost(member, reason == null ? new IOException("it is not up to date") : reason);
        }
      } else if (plan.isStale()) {
        reports.stale(member);
      }
    }
  }

  private void close() throws IOException {
    isClosed = true;
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> stores[m].unlock());
    }
    if (outcome.hasFailure()) {
      throw outcome.failure();
    }
  }

  // --- Membership

  boolean isRead(int member) {
    return memberships.get(member) == Membership.IN_SYNC;
  }

  boolean isWritten(int member, CopiedFile file) {
    Membership membership = memberships.get(member);
    return membership == Membership.IN_SYNC
        || (membership == Membership.CATCHING_UP && file.isOnTarget);
  }

  long incarnation(int member) {
    synchronized (incarnations) {
      return incarnations[member];
    }
  }

  private int inSyncMask() {
    return (isRead(0) ? CopyState.bit(0) : 0) | (isRead(1) ? CopyState.bit(1) : 0);
  }

  private int inSyncCount() {
    return Integer.bitCount(inSyncMask());
  }

  /** Decides what a call comes to, and throws if it is to count as failed. */
  void settle(Outcome outcome) throws IOException {
    // In this order: a copy that is about to be left out, and is kept after all, missed the call.
    if (isRecorded && !outcome.hasFailure() && isComplete(outcome)) {
      return;
    }
    lock.lock();
    try {
      boolean isDone = false;
      IOException full = null;
      for (int member = 0; member < MEMBERS; member++) {
        IOException failure = outcome.failure(member);
        if (failure != null && memberships.get(member) == Membership.CATCHING_UP) {
          drop(member, failure);
        } else if (isRead(member)) {
          isDone |= outcome.isDone(member);
          full = failure instanceof DiskFullException ? failure : full;
        }
      }
      if (!isDone) {
        IOException failure = outcome.failure();
        throw failure == null ? new IOException(directory() + ": no copy is in use") : failure;
      }
      if (full != null) {
        // Two copies were asked for: back-pressure, rather than one copy unasked.
        throw full;
      }
      settleMembers(outcome);
    } finally {
      lock.unlock();
    }
  }

  private boolean isComplete(Outcome outcome) {
    return (!isRead(0) || outcome.isDone(0)) && (!isRead(1) || outcome.isDone(1));
  }

  private void settleMembers(Outcome outcome) throws IOException {
    if (!isActive) {
      return;
    }
    for (int member = 0; member < MEMBERS; member++) {
      if (isRead(member) && !outcome.isDone(member)) {
        IOException failure = outcome.failure(member);
        exclude(member, failure == null ? new IOException("it missed a call") : failure);
      }
    }
    if (!isRecorded) {
      record();
    }
  }

  /** The other copy has everything: goes on with that one, once it says so itself. */
  private void exclude(int member, IOException cause) throws IOException {
    boolean wasRecorded = isRecorded;
    isRecorded = false;
    memberships.set(member, Membership.LOST);
    try {
      record();
    } catch (IOException e) {
      memberships.set(member, Membership.IN_SYNC);
      isRecorded = wasRecorded;
      e.addSuppressed(cause);
      throw e;
    }
    nextProbeNanos = context.nanoClock().getAsLong() + context.retryNanos();
    reports.lost(member, cause);
  }

  /** Makes durable who is in sync, under a generation that no disk has seen. */
  private void record() throws IOException {
    isRecorded = false;
    generation++;
    int inSync = inSyncMask();
    for (int member = 0; member < MEMBERS; member++) {
      if (isRead(member)) {
        stores[member].write(new CopyState(member, pairId, generation, contained(), inSync));
      }
    }
    isRecorded = true;
    witness(inSync);
  }

  private long contained() {
    return isOtherKnown ? generation : containedUnseen;
  }

  /** Only a hint for the case that this copy is lost next and the other one returns. */
  private void witness(int inSync) {
    context.writeWitness(new CopyState(CopyState.WITNESS, pairId, generation, 0, inSync));
  }

  // --- Files

  DiskFile openIn(int member, String name) throws IOException {
    return disk.open(directories.get(member).resolve(name));
  }

  DiskFile create(String name) throws IOException {
    lock.lock();
    try {
      ensureActive();
      CopiedFile file = new CopiedFile(name);
      file.isOnTarget = true;
      MirrorFile created = new MirrorFile(this, file);
      Outcome outcome = new Outcome();
      for (int member = 0; member < MEMBERS; member++) {
        if (isWritten(member, file)) {
          outcome.run(
              member, m -> created.attach(m, disk.create(directories.get(m).resolve(name))));
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
      CopiedFile file = files.get(name);
      MirrorFile opened = new MirrorFile(this, file);
      Outcome outcome = new Outcome();
      for (int member = 0; member < MEMBERS; member++) {
        if (isRead(member)) {
          outcome.run(member, opened::handle);
        }
      }
      settleOrClose(outcome, opened);
      return opened;
    } finally {
      lock.unlock();
    }
  }

  private void settleOrClose(Outcome outcome, MirrorFile file) throws IOException {
    try {
      settle(outcome);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  boolean exists(String name) throws IOException {
    Outcome outcome = new Outcome();
    boolean[] exists = {false};
    for (int member = 0; member < MEMBERS; member++) {
      if (isRead(member)) {
        outcome.run(member, m -> exists[0] |= disk.exists(directories.get(m).resolve(name)));
      }
    }
    settle(outcome);
    return exists[0];
  }

  List<String> list() throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      if (isRead(member)) {
        outcome.run(member, m -> names.addAll(stores[m].laneFiles()));
      }
    }
    settle(outcome);
    return List.copyOf(names);
  }

  void rename(String from, String to) throws IOException {
    lock.lock();
    try {
      ensureActive();
      CopiedFile file = files.get(from);
      Outcome outcome = new Outcome();
      for (int member = 0; member < MEMBERS; member++) {
        if (isWritten(member, file)) {
          Path directory = directories.get(member);
          outcome.run(member, m -> disk.rename(directory.resolve(from), directory.resolve(to)));
        }
      }
      files.renamed(file, to);
      settle(outcome);
    } finally {
      lock.unlock();
    }
  }

  void delete(String name) throws IOException {
    lock.lock();
    try {
      ensureActive();
      Outcome outcome = new Outcome();
      for (int member = 0; member < MEMBERS; member++) {
        if (memberships.get(member) != Membership.LOST) {
          outcome.run(member, m -> disk.delete(directories.get(m).resolve(name)));
        }
      }
      files.deleted(name);
      settle(outcome);
    } finally {
      lock.unlock();
    }
  }

  void forceDirectory() throws IOException {
    lock.lock();
    try {
      ensureActive();
      Outcome outcome = new Outcome();
      for (int member = 0; member < MEMBERS; member++) {
        if (memberships.get(member) != Membership.LOST) {
          outcome.run(member, m -> disk.forceDirectory(directories.get(m)));
        }
      }
      settle(outcome);
    } finally {
      lock.unlock();
    }
  }

  /** Of the copy that has least. */
  long usableSpaceBytes() throws IOException {
    long[] bytes = {Long.MAX_VALUE};
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      if (isRead(member)) {
        outcome.run(
            member, m -> bytes[0] = Math.min(bytes[0], disk.usableSpaceBytes(directories.get(m))));
      }
    }
    settle(outcome);
    return bytes[0];
  }

  void rewritten(int member, String name, long position, int blockCount) {
    reports.rewritten(member, name, position, blockCount);
  }

  // --- Bringing a copy up to date

  public CopyStatus status() {
    CatchUp running = catchUp;
    long bytesToCopy = running == null ? 0 : running.totalBytes() - running.doneBytes();
    return new CopyStatus(inSyncCount(), bytesToCopy);
  }

  /**
   * What is to be done now by another thread, once, or null. A bounded piece of work: ask again
   * when it is done.
   */
  public Runnable dueWork(long nowNanos) {
    boolean isDue = catchUp != null || nowNanos - nextProbeNanos >= 0;
    if (isWorking || !isActive || isClosed || !isDue) {
      return null;
    }
    isWorking = true;
    return this::work;
  }

  /** When {@link #dueWork} is to be asked again, unless work in progress ends before. */
  public long nanosToWork(long nowNanos) {
    if (isWorking) {
      return Long.MAX_VALUE;
    }
    return catchUp == null ? Math.max(0, nextProbeNanos - nowNanos) : 0;
  }

  private void work() {
    try {
      if (catchUp == null) {
        nextProbeNanos = context.nanoClock().getAsLong() + context.retryNanos();
        checkPresence();
        probe();
      } else {
        advance();
      }
      closeAbandoned();
    } finally {
      isWorking = false;
    }
  }

  /** A directory that was emptied or unmounted may go on to take what is written to open files. */
  private void checkPresence() {
    if (inSyncCount() < MEMBERS) {
      return;
    }
    Outcome outcome = new Outcome();
    for (int member = 0; member < MEMBERS; member++) {
      outcome.run(member, m -> stores[m].checkPresence());
    }
    try {
      settle(outcome);
    } catch (IOException e) {
      // Both are gone, or the one that is left can't say so: the next write will tell.
      reports.trouble(e);
    }
  }

  /** Begins to bring back the copy that is out of use, if its directory can be used again. */
  private void probe() {
    int member = isRead(0) ? 1 : 0;
    if (isRead(member) || isClosed) {
      return;
    }
    try {
      disk.createDirectories(directories.get(member));
      stores[member].unlock();
      if (!stores[member].tryLock()) {
        return;
      }
      MemberFacts facts = stores[member].facts(context.foreignPairs(directory()));
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
    if (!isRecorded || !isRead(source)) {
      return;
    }
    CopyState state = new CopyState(source, pairId, generation, contained(), inSyncMask());
    MemberFacts ours = new MemberFacts(true, state, true, true, false);
    CopyPlan next = CopyPlan.of(member == 0 ? facts : ours, member == 0 ? ours : facts, null);
    if (facts.isForeign() || next.diverged() >= 0 || next.inSync() != CopyState.bit(source)) {
      reports.diverged(member);
      return;
    }
    // From here on the copy is a mixture of old and new, and says so.
    isOtherKnown = true;
    stores[member].write(new CopyState(member, pairId, generation, 0, inSyncMask()));
    List<String> names = stores[source].laneFiles();
    stores[member].deleteAllBut(names);
    List<CopiedFile> pending = files.toCopy(names);
    synchronized (incarnations) {
      incarnations[member]++;
    }
    CatchUp begun =
        new CatchUp(
            disk, directories.get(source), directories.get(member), pending, context.chunkBytes());
    begun.measure();
    catchUp = begun;
    memberships.set(member, Membership.CATCHING_UP);
    reports.catchUpBegun(member, begun);
  }

  private void advance() {
    int member = isRead(0) ? 1 : 0;
    CatchUp running = catchUp;
    if (running == null || isClosed) {
      return;
    }
    try {
      if (running.isBetweenFiles()) {
        boolean isComplete;
        lock.lock();
        try {
          if (catchUp != running) {
            return;
          }
          isComplete = !running.beginFile();
          if (isComplete) {
            finish(member);
          }
        } finally {
          lock.unlock();
        }
      } else {
        running.copyChunk();
      }
      if (catchUp == running) {
        reports.progress(member, running);
      }
    } catch (IOException e) {
      lock.lock();
      try {
        drop(member, e);
      } finally {
        lock.unlock();
      }
    }
  }

  private void closeAbandoned() {
    CatchUp left = abandoned;
    abandoned = null;
    if (left != null && !left.isBetweenFiles()) {
      try {
        left.close();
      } catch (IOException e) {
        reports.trouble(e);
      }
    }
  }

  /** The copy has every byte, synced. The one that has them for sure is told first. */
  private void finish(int member) throws IOException {
    disk.forceDirectory(directories.get(member));
    int both = CopyState.bit(0) | CopyState.bit(1);
    isRecorded = false;
    generation++;
    for (int m : new int[] {1 - member, member}) {
      stores[m].write(new CopyState(m, pairId, generation, generation, both));
    }
    isRecorded = true;
    catchUp = null;
    memberships.set(member, Membership.IN_SYNC);
    witness(both);
    reports.inSync(member);
  }

  /** It failed while it was being brought up to date. The lane does not depend on it. */
  private void drop(int member, IOException cause) {
    if (memberships.get(member) != Membership.CATCHING_UP) {
      return;
    }
    memberships.set(member, Membership.LOST);
    abandoned = catchUp;
    catchUp = null;
    nextProbeNanos = context.nanoClock().getAsLong() + context.retryNanos();
    reports.lost(member, cause);
  }
}
