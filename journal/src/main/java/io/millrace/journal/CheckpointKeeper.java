/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.segment.CheckpointStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Writes a lane's checkpoints, in the background while the lane is open. Confined to the lane's
 * owner thread.
 */
final class CheckpointKeeper {
  private final int laneIndex;
  private final List<CheckpointStore> stores;
  private final LaneContext context;
  private final LaneCounters counters;
  private final Executor background;
  private LaneStart.Tail tail;
  private long dueAtNanos;
  private boolean isChanged = true;

  CheckpointKeeper(
      LaneStart start,
      List<CheckpointStore> stores,
      LaneContext context,
      LaneCounters counters,
      Executor background,
      long nowNanos) {
    this.laneIndex = start.laneIndex();
    this.tail = start.tail();
    this.stores = List.copyOf(stores);
    this.context = context;
    this.counters = counters;
    this.background = background;
    this.dueAtNanos = nowNanos + intervalNanos();
  }

  /** There is something that the last checkpoint does not say. */
  void noteChange() {
    isChanged = true;
  }

  /** What a checkpoint says is acknowledged is durable before the checkpoint is. */
  void writeIfDue(long nowNanos, GroupWriter writer, AckKeeper acks) {
    if (nowNanos - dueAtNanos < 0) {
      return;
    }
    dueAtNanos = nowNanos + intervalNanos();
    if (isChanged && acks.makeDurable(nowNanos)) {
      isChanged = false;
      Checkpoint checkpoint = checkpoint(writer, acks);
      background.execute(() -> write(checkpoint));
    }
  }

  long nanosToNext(long nowNanos) {
    return Math.max(0, dueAtNanos - nowNanos);
  }

  /** The last one, if it is wanted. */
  void close(GroupWriter writer, AckKeeper acks) {
    if (context.options().checkpointOnClose() && isChanged) {
      write(checkpoint(writer, acks));
    }
  }

  private Checkpoint checkpoint(GroupWriter writer, AckKeeper acks) {
    // Before the first group of a segment is synced, the one before it is still the tail.
    if (writer.segment() != null && !writer.isFirstGroup() && !writer.hasUnsynced()) {
      tail = new LaneStart.Tail(writer.segment().use(), writer.position(), writer.syncedSequence());
    }
    return new Checkpoint(
        context.journalId(),
        laneIndex,
        writer.syncedSequence(),
        tail.use(),
        tail.position(),
        tail.sequence(),
        acks.acks().lowWater(),
        acks.acks().ranges(),
        writer.digest());
  }

  private void write(Checkpoint checkpoint) {
    for (CheckpointStore store : stores) {
      try {
        store.write(checkpoint);
        counters.checkpoints.incrementAndGet();
      } catch (IOException e) {
        context
            .listener()
            .onEvent(new JournalEvent.CheckpointNotWritten(laneIndex, store.isBackup(), e));
      }
    }
  }

  private long intervalNanos() {
    return context.options().checkpointInterval().toNanos();
  }
}
