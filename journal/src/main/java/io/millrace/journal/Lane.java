/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.DiskFullException;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.mirror.CopyStatus;
import io.millrace.journal.mirror.LaneCopies;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * One data directory. Everything is confined to the lane's owner thread, which advances it by
 * {@link #step}, but for what other threads reach through the inbox and the dispatcher.
 */
final class Lane {
  /** So many failures in a row, each on another file, and the disk counts as failed. */
  private static final int MAX_FAILURES_IN_ROW = 2;

  private final int laneIndex;
  private final LaneContext context;
  private final long recoveryNanos;
  private final LaneCounters counters = new LaneCounters();
  private final SegmentIndex index = new SegmentIndex();
  private final TailCache cache;
  private final Inbox inbox;
  private final Dispatcher dispatcher;
  private final Executor background;
  private final SegmentPool pool;
  private final AckKeeper ackKeeper;
  private final GroupWriter writer;
  private final CheckpointKeeper checkpoints;
  private final DirectoryWatch directoryWatch;

  /** Null if there is one only. */
  private final LaneCopies copies;

  /** Brings copies up to date. A copy that hangs there holds nothing up. */
  private final Executor copier;

  private volatile LaneState state = LaneState.SERVING;
  private int failuresInRow;
  private long retryAtNanos;
  private long syncAtNanos;

  Lane(LaneContext context, LaneStart start, List<CheckpointStore> stores) {
    this.laneIndex = start.laneIndex();
    this.context = context;
    this.recoveryNanos = start.recoveryNanos();
    JournalOptions options = context.options();
    long now = context.nanoClock().getAsLong();
    start.segments().forEach(index::put);
    counters.pendingRecords.set(start.recoveredRecords());
    counters.lostRecords.set(start.lostRecords());
    counters.quarantinedFrames.set(start.quarantinedFrames());
    counters.damagedNotes.set(start.damagedNotes());
    cache = new TailCache(options.tailCacheBytes());
    inbox = new Inbox(options.maxQueuedBytes());
    background = context.backgrounds().apply(laneIndex);
    copies = context.mirror() == null ? null : context.mirror().copiesOf(start.files().directory());
    copier = copies == null ? null : context.backgrounds().apply(laneIndex);
    directoryWatch =
        new DirectoryWatch(laneIndex, start.files(), context, background, inbox::wakeUp);
    pool =
        new SegmentPool(
            laneIndex,
            start.files(),
            GroupWriter.segmentBytesOf(options),
            context,
            background,
            inbox::wakeUp);
    writer = new GroupWriter(context, counters, start);
    ackKeeper = new AckKeeper(laneIndex, start.acks(), start.ackLog(), context);
    ackKeeper.start(now);
    if (ackKeeper.makeDurable(now)) {
      // Else what frees them might be forgotten in a power loss: they are left as they are.
      start.spares().forEach(pool::recycle);
    }
    dispatcher =
        new Dispatcher(
            laneIndex,
            index,
            cache,
            start.files(),
            inbox,
            counters,
            context,
            ackKeeper,
            start.nextSequence());
    checkpoints = new CheckpointKeeper(start, stores, context, counters, background, now);
  }

  int laneIndex() {
    return laneIndex;
  }

  Inbox inbox() {
    return inbox;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  LaneCounters counters() {
    return counters;
  }

  LaneState state() {
    return state;
  }

  /** What waits to be written; the less, the sooner an append is answered. */
  long load() {
    return inbox.queuedBytes();
  }

  /** One turn: does everything there is to do now, and returns how long the next may wait. */
  long step() {
    long now = context.nanoClock().getAsLong();
    if (pool.collect()) {
      // Counted from the failure on: a slow failure must not be followed by the next attempt.
      retryAtNanos = now + retryNanos();
    }
    applyAcks(now);
    leaveLostDirectory(now);
    probe(now);
    boolean hasMore = state == LaneState.SERVING && writeGroup(now) && hasUnfinishedAppends();
    syncIfDue(now);
    freeSegments(now);
    keepSpare(now);
    checkpoints.writeIfDue(now, writer, ackKeeper);
    keepCopies(now);
    return hasMore ? 0 : nanosToNextTurn(now);
  }

  private void applyAcks(long now) {
    List<SequenceRange> acks = inbox.takeAcks();
    if (!acks.isEmpty()) {
      checkpoints.noteChange();
      ackKeeper.add(acks, now);
      cache.removeBelow(ackKeeper.acks().lowWater());
    }
    ackKeeper.retryIfDue(now);
  }

  /** What is written to a directory that is gone would be acknowledged, and then missing. */
  private void leaveLostDirectory(long now) {
    IOException cause = directoryWatch.check(now);
    if (cause != null && state == LaneState.SERVING) {
      if (writer.segment() != null) {
        condemn(cause, now);
      }
      suspend(cause, now);
    }
  }

  /** Leaves FULL and FAILED as soon as there is a file for what must be written first. */
  private void probe(long now) {
    if (state != LaneState.FULL && state != LaneState.FAILED) {
      return;
    }
    long inDoubtBytes = writer.nextInDoubtBytes();
    long fileBytes = inDoubtBytes < 0 ? 0 : writer.fileBytesFor(inDoubtBytes);
    if (pool.hasSpare(fileBytes)) {
      enter(LaneState.SERVING, null);
    } else if (!pool.isPreparing() && now - retryAtNanos >= 0) {
      retryAtNanos = now + retryNanos();
      pool.prepare(fileBytes);
    }
  }

  /** Writes one group and completes its waiters; false if there is nothing to write or no file. */
  private boolean writeGroup(long now) {
    long frameBytes = writer.nextInDoubtBytes();
    if (frameBytes < 0) {
      frameBytes = inbox.nextFrameBytes();
    }
    if (frameBytes < 0) {
      return false;
    }
    try {
      if (!writer.hasRoom(frameBytes) && !beginSegment(frameBytes, now)) {
        return false;
      }
      checkpoints.noteChange();
      List<PendingAppend> group = writer.write(inbox);
      if (context.options().syncInterval().isZero() || writer.isSyncUrgent()) {
        writer.sync();
      }
      failuresInRow = 0;
      publish(group);
      return true;
    } catch (IOException e) {
      condemn(e, now);
      return true;
    }
  }

  /** Goes on to a new segment; false if there is no file yet, or none can be had. */
  private boolean beginSegment(long frameBytes, long now) throws IOException {
    if (writer.hasUnsynced()) {
      writer.sync();
    }
    long fileBytes = writer.fileBytesFor(frameBytes);
    SegmentFile file = pool.take(fileBytes);
    if (file == null) {
      if (!pool.isPreparing()) {
        prepareOrRefuse(fileBytes, now);
      }
      return false;
    }
    Segment sealed = writer.segment();
    writer.beginSegment(file, ackKeeper.acks().lowWater());
    if (sealed != null) {
      sealed.beingWritten(false);
      dispatcher.closeIdle(sealed);
    }
    return true;
  }

  private void prepareOrRefuse(long fileBytes, long now) {
    IOException failure = pool.failure(fileBytes);
    if (failure == null || now - retryAtNanos >= 0) {
      retryAtNanos = now + retryNanos();
      pool.prepare(fileBytes);
    } else if (failure instanceof DiskFullException
        && pool.spareCount() > 0
        && writer.nextInDoubtBytes() < 0) {
      refuseNext(failure);
    } else {
      suspend(failure, now);
    }
  }

  /** The next append is too large for the space there is; smaller ones behind it are not. */
  private void refuseNext(IOException cause) {
    List<PendingAppend> next = new ArrayList<>();
    inbox.takeAppends(next, inbox.nextFrameBytes());
    for (PendingAppend refused : next) {
      counters.refusedAppends.incrementAndGet();
      refused.future.completeExceptionally(
          new StorageFullException(refusal(" has no space for so large an append"), cause));
    }
    inbox.wakeUp();
  }

  private void publish(List<PendingAppend> group) {
    if (writer.isFirstGroup()) {
      Segment replaced = index.put(writer.segment());
      if (replaced != null) {
        pool.discard(replaced.file());
      }
      writer.endFirstGroup();
    }
    for (PendingAppend append : group) {
      if (!append.isPublished) {
        append.isPublished = true;
        cache.put(append.firstSequence, append.frame.written());
        counters.appendedFrames.incrementAndGet();
        counters.appendedRecords.addAndGet(append.frame.recordCount());
        counters.appendedBytes.addAndGet(append.frame.payloadBytes());
        counters.storedBytes.addAndGet(append.frame.stored().bytes());
        counters.pendingRecords.addAndGet(append.frame.recordCount());
      }
    }
    dispatcher.advance(group.get(group.size() - 1).endSequence());
    context.signal().raise();
    for (PendingAppend append : group) {
      append.future.complete(null);
    }
    writer.endGroup();
  }

  private void condemn(IOException e, long now) {
    Segment condemned = writer.condemn();
    event(new JournalEvent.SegmentCondemned(laneIndex, condemned.name(), writer.inDoubtCount(), e));
    if (index.of(condemned.firstSequence()) != condemned) {
      pool.discard(condemned.file());
    }
    failuresInRow++;
    if (failuresInRow >= MAX_FAILURES_IN_ROW) {
      suspend(e, now);
    }
  }

  /** No file can be written: refuses what was not, and keeps what may have been. */
  private void suspend(IOException cause, long now) {
    retryAtNanos = now + retryNanos();
    if (cause instanceof DiskFullException) {
      enter(LaneState.FULL, cause);
    } else {
      pool.discardSpares();
      enter(LaneState.FAILED, cause);
    }
  }

  private void enter(LaneState next, IOException cause) {
    if (next == LaneState.SERVING) {
      state = next;
      inbox.accept();
    } else {
      state = next;
      refuseQueued(
          next == LaneState.FULL
              ? () -> new StorageFullException(refusal(" is full"), cause)
              : () -> new StorageFailedException(refusal(" can't be written"), cause));
    }
    event(new JournalEvent.LaneStateChanged(laneIndex, next, cause));
  }

  private String refusal(String what) {
    return "Lane " + laneIndex + what + "; the append was not written, the disk is tried again";
  }

  private void refuseQueued(Supplier<JournalException> reason) {
    for (PendingAppend refused : inbox.refuse(reason)) {
      counters.refusedAppends.incrementAndGet();
      refused.future.completeExceptionally(reason.get());
    }
  }

  private void syncIfDue(long now) {
    if (!writer.hasUnsynced()) {
      syncAtNanos = now + context.options().syncInterval().toNanos();
    } else if (now - syncAtNanos >= 0) {
      syncAtNanos = now + context.options().syncInterval().toNanos();
      try {
        writer.sync();
      } catch (IOException e) {
        condemn(e, now);
      }
    }
  }

  /** Frees the oldest segments once the acknowledgements that free them are durable. */
  private void freeSegments(long now) {
    boolean isDurable = false;
    for (Segment oldest = index.first();
        oldest != null
            && writer.isDispensable(oldest)
            && index.endOf(oldest) <= ackKeeper.acks().lowWater();
        oldest = index.first()) {
      isDurable = isDurable || ackKeeper.makeDurable(now);
      if (!isDurable) {
        return;
      }
      dispatcher.detach(oldest);
      if (oldest.isCondemned()) {
        pool.discard(oldest.file());
      } else {
        pool.recycle(oldest.file());
      }
    }
  }

  /** Has the next segment ready before it is needed. */
  private void keepSpare(long now) {
    if (state != LaneState.SERVING || pool.spareCount() > 0 || pool.isPreparing()) {
      return;
    }
    if (pool.failure(0) == null || now - retryAtNanos >= 0) {
      retryAtNanos = now + retryNanos();
      pool.prepare(0);
    }
  }

  private void keepCopies(long now) {
    Runnable work = copies == null ? null : copies.dueWork(now);
    if (work != null) {
      copier.execute(
          () -> {
            work.run();
            inbox.wakeUp();
          });
    }
  }

  private long nanosToNextTurn(long now) {
    long wait = checkpoints.nanosToNext(now);
    wait = Math.min(wait, directoryWatch.nanosToNextCheck(now));
    wait = Math.min(wait, ackKeeper.nanosToRetry(now));
    if (state != LaneState.SERVING || pool.spareCount() == 0) {
      wait = Math.min(wait, Math.max(1_000_000, retryAtNanos - now));
    }
    if (writer.hasUnsynced()) {
      wait = Math.min(wait, Math.max(0, syncAtNanos - now));
    }
    return copies == null ? wait : Math.min(wait, copies.nanosToWork(now));
  }

  private long retryNanos() {
    return context.options().retryInterval().toNanos();
  }

  /** Whether closing now would leave appends unanswered that more turns may still complete. */
  boolean hasUnfinishedAppends() {
    return state == LaneState.SERVING
        && (inbox.nextFrameBytes() >= 0 || writer.nextInDoubtBytes() >= 0);
  }

  /** The last turn. Answers all that is open; afterwards nothing is touched any more. */
  void finish() {
    long now = context.nanoClock().getAsLong();
    dispatcher.close();
    applyAcks(now);
    syncLast(now);
    refuseQueued(() -> closed());
    giveUpInDoubt("the journal was closed", null);
    try {
      ackKeeper.close(now);
      checkpoints.close(writer, ackKeeper);
      pool.close();
      for (Segment segment : index.all()) {
        segment.file().close();
      }
    } catch (IOException e) {
      event(new JournalEvent.DiskTrouble(laneIndex, "closing files", e));
    }
  }

  private void giveUpInDoubt(String before, Throwable cause) {
    for (PendingAppend append : writer.giveUpInDoubt()) {
      append.future.completeExceptionally(
          new AppendInDoubtException(
              "Lane "
                  + laneIndex
                  + ": "
                  + append.frame.recordCount()
                  + " records were written, but not known to be synced before "
                  + before,
              cause));
    }
  }

  private void syncLast(long now) {
    if (!writer.hasUnsynced()) {
      return;
    }
    try {
      writer.sync();
    } catch (IOException e) {
      condemn(e, now);
    }
  }

  /** A defect of ours: the lane does nothing more, and says so. */
  void stop(Throwable defect) {
    state = LaneState.STOPPED;
    dispatcher.close();
    refuseQueued(
        () ->
            new JournalException(
                JournalException.Code.LANE_STOPPED, "Lane " + laneIndex + " is stopped", defect));
    giveUpInDoubt("a defect stopped the lane", defect);
    event(new JournalEvent.LaneStateChanged(laneIndex, LaneState.STOPPED, defect));
  }

  JournalException closed() {
    return new JournalClosedException("Lane " + laneIndex + " is closed", null);
  }

  private void event(JournalEvent event) {
    context.listener().onEvent(event);
  }

  LaneStatistics statistics() {
    CopyStatus copyStatus = copies == null ? CopyStatus.SINGLE : copies.status();
    return new LaneStatistics(
        laneIndex,
        state,
        counters.pendingRecords.get(),
        dispatcher.endSequence(),
        inbox.queuedBytes(),
        writer.inDoubtCount(),
        counters.appendedFrames.get(),
        counters.appendedRecords.get(),
        counters.appendedBytes.get(),
        counters.storedBytes.get(),
        counters.acknowledgedRecords.get(),
        counters.groups.get(),
        counters.syncs.get(),
        counters.syncNanosTotal.get(),
        counters.syncNanosMax.get(),
        index.count(),
        pool.spareCount(),
        counters.condemnedSegments.get(),
        counters.quarantinedFrames.get(),
        counters.lostRecords.get(),
        counters.damagedNotes.get(),
        counters.refusedAppends.get(),
        counters.checkpoints.get(),
        counters.coldFrames.get(),
        cache.bytes(),
        recoveryNanos,
        copyStatus.inSyncCount(),
        copyStatus.bytesToCopy());
  }
}
