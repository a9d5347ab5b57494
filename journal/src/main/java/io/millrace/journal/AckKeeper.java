/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.segment.AckLog;
import java.io.IOException;
import java.util.List;

/**
 * What was acknowledged in a lane, in memory and in the log. A log that can't be written costs no
 * acknowledgement: they stay in memory, segments are kept, and the log is tried again. Confined to
 * the lane's owner thread.
 */
final class AckKeeper {
  private final int laneIndex;
  private final SequenceSet acks;
  private final AckLog log;
  private final JournalListener listener;
  private final long retryNanos;

  /** The log lacks something that memory has. */
  private boolean isBehind;

  private long retryAtNanos;

  /** Read by consumers. */
  private volatile long syncedLowWater;

  AckKeeper(int laneIndex, SequenceSet acks, AckLog log, LaneContext context) {
    this.laneIndex = laneIndex;
    this.acks = acks;
    this.log = log;
    this.listener = context.listener();
    this.retryNanos = context.options().retryInterval().toNanos();
  }

  SequenceSet acks() {
    return acks;
  }

  /** Every sequence below it is acknowledged, and that is synced. */
  long syncedLowWater() {
    return syncedLowWater;
  }

  /** Begins a generation of the log with all that recovery found. */
  void start(long nowNanos) {
    try {
      log.beginGeneration(acks);
      syncedLowWater = acks.lowWater();
    } catch (IOException e) {
      fallBehind(e, nowNanos);
    }
  }

  void add(List<SequenceRange> ranges, long nowNanos) {
    SequenceSet added = SequenceSet.below(0);
    for (SequenceRange range : ranges) {
      acks.add(range.first(), range.end());
      added.add(range.first(), range.end());
    }
    if (isBehind) {
      return;
    }
    try {
      log.append(acks, added.ranges());
    } catch (IOException e) {
      fallBehind(e, nowNanos);
    }
  }

  /** Tries the log again if it failed and the time has come. */
  void retryIfDue(long nowNanos) {
    if (isBehind && nowNanos - retryAtNanos >= 0) {
      makeDurable(nowNanos);
    }
  }

  /** Whether everything acknowledged so far is durable now. */
  boolean makeDurable(long nowNanos) {
    if (isBehind && nowNanos - retryAtNanos < 0) {
      return false;
    }
    try {
      if (isBehind) {
        log.beginGeneration(acks);
        isBehind = false;
      } else {
        log.force(acks);
      }
      syncedLowWater = acks.lowWater();
      return true;
    } catch (IOException e) {
      fallBehind(e, nowNanos);
      return false;
    }
  }

  /** When {@link #retryIfDue} has something to do. */
  long nanosToRetry(long nowNanos) {
    return isBehind ? Math.max(0, retryAtNanos - nowNanos) : Long.MAX_VALUE;
  }

  private void fallBehind(IOException e, long nowNanos) {
    isBehind = true;
    retryAtNanos = nowNanos + retryNanos;
    listener.onEvent(
        new JournalEvent.DiskTrouble(
            laneIndex, "acknowledgements are kept in memory, the log is tried again", e));
  }

  void close(long nowNanos) throws IOException {
    // The last chance: whatever was planned for a retry happens now.
    retryAtNanos = nowNanos;
    makeDurable(nowNanos);
    log.close();
  }
}
