/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.DiskFullException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which copies of a lane hold everything, and the durable record of it. Changed with {@code lock}
 * held, the lane's; who is a member may be asked without it. The lock is taken before the monitor
 * of an open file, and never while the lock of a {@link CopiedFile} is held. Rules:
 * docs/formats/journal-v1.md#second-copy
 */
final class Membership {
  static final int MEMBERS = 2;

  private static final int BOTH = CopyState.bit(0) | CopyState.bit(1);

  private enum Standing {
    IN_SYNC,
    CATCHING_UP,
    LOST
  }

  private final CopyContext context;
  private final List<MemberStore> stores;
  private final CopyReports reports;
  private final ReentrantLock lock;
  private final AtomicReferenceArray<Standing> standings = new AtomicReferenceArray<>(MEMBERS);

  /** How often the copy was begun anew. */
  private final AtomicLongArray incarnations = new AtomicLongArray(MEMBERS);

  /** False until something may be changed. */
  private volatile boolean isActive;

  /** False while the disk may hold a state that takes a copy for in sync which is not. */
  private volatile boolean isRecorded = true;

  private volatile long retryAtNanos;
  private UUID pairId;
  private long generation;

  /** False while a copy that could not be asked may hold what this one does not. */
  private boolean isOtherKnown;

  /** What is contained while {@link #isOtherKnown} is false. */
  private long containedUnseen;

  Membership(
      CopyContext context, List<MemberStore> stores, CopyReports reports, ReentrantLock lock) {
    this.context = context;
    this.stores = stores;
    this.reports = reports;
    this.lock = lock;
    for (int member = 0; member < MEMBERS; member++) {
      standings.set(member, Standing.LOST);
    }
  }

  // --- Who is a member

  /** Such a copy is read and written. */
  boolean isInSync(int member) {
    return standings.get(member) == Standing.IN_SYNC;
  }

  boolean isCatchingUp(int member) {
    return standings.get(member) == Standing.CATCHING_UP;
  }

  /** Whether names are kept the same in that copy. */
  boolean isInUse(int member) {
    return standings.get(member) != Standing.LOST;
  }

  boolean isWritten(int member, CopiedFile file) {
    Standing standing = standings.get(member);
    return standing == Standing.IN_SYNC || (standing == Standing.CATCHING_UP && file.isOnTarget);
  }

  /** Grows when the copy is begun anew: its files are other ones from then on. */
  long incarnation(int member) {
    return incarnations.get(member);
  }

  int inSyncCount() {
    return Integer.bitCount(inSyncMask());
  }

  private int inSyncMask() {
    return (isInSync(0) ? CopyState.bit(0) : 0) | (isInSync(1) ? CopyState.bit(1) : 0);
  }

  // --- At the opening

  /** Takes up what the copies say of themselves. Changes nothing on disk. */
  CopyPlan adopt(MemberFacts[] facts) {
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
    CopyPlan plan = CopyPlan.of(facts[0], facts[1], witness);
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
      standings.set(member, isUsed ? Standing.IN_SYNC : Standing.LOST);
      isRecorded &= !isUsed || facts[member].isStateWhole();
    }
    return plan;
  }

  boolean isActive() {
    return isActive;
  }

  /** From here on a copy that misses a call is left out. One that is out may be tried at once. */
  void activate() {
    retryAtNanos = context.nanoClock().getAsLong();
    isActive = true;
  }

  void deactivate() {
    isActive = false;
  }

  // --- What a call comes to

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
        if (failure != null && isCatchingUp(member)) {
          drop(member, failure);
        } else if (isInSync(member)) {
          isDone |= outcome.isDone(member);
          full = failure instanceof DiskFullException ? failure : full;
        }
      }
      if (!isDone) {
        IOException failure = outcome.failure();
        throw failure == null
            ? new IOException(stores.get(0).directory() + ": no copy is in use")
            : failure;
      }
      if (full != null) {
        // Two copies were asked for: back-pressure, rather than one copy unasked.
        throw full;
      }
      if (isActive) {
        excludeIncomplete(outcome);
        ensureRecorded();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isComplete(Outcome outcome) {
    return (!isInSync(0) || !outcome.isMissedBy(0)) && (!isInSync(1) || !outcome.isMissedBy(1));
  }

  private void excludeIncomplete(Outcome outcome) throws IOException {
    for (int member = 0; member < MEMBERS; member++) {
      if (isInSync(member) && outcome.isMissedBy(member)) {
        IOException failure = outcome.failure(member);
        exclude(member, failure == null ? new IOException("it missed a call") : failure);
      }
    }
  }

  /** The other copy has everything: goes on with that one, once it says so itself. */
  void exclude(int member, IOException cause) throws IOException {
    try {
      recordWithout(member);
    } catch (IOException e) {
      e.addSuppressed(cause);
      throw e;
    }
    retryLater();
    reports.lost(member, cause);
  }

  // --- A copy that comes back

  /** When a copy that is out of use may be tried again. */
  long retryAtNanos() {
    return retryAtNanos;
  }

  void retryLater() {
    retryAtNanos = context.nanoClock().getAsLong() + context.retryNanos();
  }

  /** The state as the copy would record it, or null while it is not certain what is recorded. */
  CopyState recordedState(int member) {
    return isRecorded ? state(member) : null;
  }

  /** From here on the copy is a mixture of old and new, and says so. */
  void recordMixture(int member) throws IOException {
    isOtherKnown = true;
    stores.get(member).write(new CopyState(member, pairId, generation, 0, inSyncMask()));
  }

  /** From here on calls are made on the copy too, and the lane does not depend on it. */
  void beginCatchingUp(int member) {
    incarnations.incrementAndGet(member);
    standings.set(member, Standing.CATCHING_UP);
  }

  /** The copy has every byte, synced. The one that has them for sure is told first. */
  void admit(int member) throws IOException {
    isRecorded = false;
    generation++;
    for (int m : new int[] {1 - member, member}) {
      stores.get(m).write(new CopyState(m, pairId, generation, generation, BOTH));
    }
    isRecorded = true;
    standings.set(member, Standing.IN_SYNC);
    writeWitness(BOTH);
    reports.inSync(member);
  }

  /** It failed while it was being brought up to date. The lane does not depend on it. */
  void drop(int member, IOException cause) {
    if (!isCatchingUp(member)) {
      return;
    }
    // First of all, or it would be tried again at once.
    retryLater();
    standings.set(member, Standing.LOST);
    reports.lost(member, cause);
  }

  // --- The record

  void ensureRecorded() throws IOException {
    if (!isRecorded) {
      record();
    }
  }

  /** Leaves a copy out durably; it stays in if that fails. */
  void recordWithout(int member) throws IOException {
    boolean wasRecorded = isRecorded;
    isRecorded = false;
    standings.set(member, Standing.LOST);
    try {
      record();
    } catch (IOException e) {
      standings.set(member, Standing.IN_SYNC);
      isRecorded = wasRecorded;
      throw e;
    }
  }

  /** Makes durable who is in sync, under a generation that no disk has seen. */
  private void record() throws IOException {
    if (pairId == null) {
      pairId = new UUID(context.random().getAsLong(), context.random().getAsLong());
    }
    isRecorded = false;
    generation++;
    int inSync = inSyncMask();
    for (int member = 0; member < MEMBERS; member++) {
      if (isInSync(member)) {
        stores.get(member).write(state(member));
      }
    }
    isRecorded = true;
    writeWitness(inSync);
  }

  private CopyState state(int member) {
    long contained = isOtherKnown ? generation : containedUnseen;
    return new CopyState(member, pairId, generation, contained, inSyncMask());
  }

  /** Only a hint for the case that this copy is lost next and the other one returns. */
  private void writeWitness(int inSync) {
    context.writeWitness(new CopyState(CopyState.WITNESS, pairId, generation, 0, inSync));
  }
}
