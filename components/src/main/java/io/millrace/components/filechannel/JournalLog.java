/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.journal.JournalEvent;
import io.millrace.journal.JournalListener;
import io.millrace.journal.LaneState;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Says what happens to the journal, each kind of event at most ten times a second, and counts. Safe
 * for many threads.
 */
final class JournalLog implements JournalListener {
  private static final Logger log = LoggerFactory.getLogger(JournalLog.class);
  private static final Duration BETWEEN_LINES = Duration.ofMillis(100);

  private final String channel;
  private final Consumer<Throwable> failure;
  private final Metrics.Counter lostEvents;
  private final Metrics.Counter checkpointFailures;
  private final Metrics.Counter backupFailures;
  private final Metrics.Counter diskTroubles;
  private final Metrics.Counter damagedNotes;
  private final Map<Class<?>, LogLimit> limits = new ConcurrentHashMap<>();
  private final Metrics.Distribution syncMicros;
  private final Metrics.Distribution syncEvents;
  private final Metrics.Distribution syncBytes;
  private volatile boolean hasLosses;

  /**
   * @param failure is told of a defect that ended a lane: only another start brings that back
   */
  JournalLog(String channel, Metrics metrics, Consumer<Throwable> failure) {
    this.channel = channel;
    this.failure = failure;
    this.lostEvents = metrics.counter("EventLostCount");
    this.checkpointFailures = metrics.counter("CheckpointWriteErrorCount");
    this.backupFailures = metrics.counter("CheckpointBackupWriteErrorCount");
    this.syncMicros = metrics.distribution("SyncMicros");
    this.syncEvents = metrics.distribution("SyncEvents");
    this.syncBytes = metrics.distribution("SyncBytes");
    this.damagedNotes = metrics.counter("SenderNoteDamagedCount");
    this.diskTroubles = metrics.counter("DiskTroubleCount");
  }

  /** Whether records were lost since the last call: their room is free. */
  boolean takeLosses() {
    if (!hasLosses) {
      return false;
    }
    hasLosses = false;
    return true;
  }

  /** Counts events that are gone for good. */
  void lost(long events) {
    lostEvents.add(events);
    hasLosses = true;
  }

  @Override
  public void onEvent(JournalEvent event) {
    if (event instanceof JournalEvent.RecordsLost lost) {
      lost(lost.recordCount());
    } else if (event instanceof JournalEvent.NotesDamaged damaged) {
      damagedNotes.add(damaged.count());
    } else if (event instanceof JournalEvent.DiskTrouble) {
      diskTroubles.increment();
    } else if (event instanceof JournalEvent.CheckpointNotWritten missed) {
      diskTroubles.increment();
      (missed.isBackup() ? backupFailures : checkpointFailures).increment();
    } else if (event instanceof JournalEvent.LaneStateChanged changed
        && changed.state() == LaneState.STOPPED) {
      failure.accept(changed.cause());
    }
    LogLimit limit = limits.computeIfAbsent(event.getClass(), kind -> new LogLimit(BETWEEN_LINES));
    if (limit.allows()) {
      long heldBack = limit.takeLeftOut();
      log.atLevel(level(event))
          .log(
              "Channel {}: {}{}",
              channel,
              event.message(),
              heldBack == 0 ? "" : " (" + heldBack + " lines like this were held back)");
    }
  }

  @Override
  public void onSync(int laneIndex, long nanos, long records, long bytes) {
    syncMicros.record(TimeUnit.NANOSECONDS.toMicros(nanos));
    syncEvents.record(records);
    syncBytes.record(bytes);
  }

  private static Level level(JournalEvent event) {
    // No default branch over the sealed kinds once the language has one: Java 17 has not.
    if (event instanceof JournalEvent.RecordsLost
        || event instanceof JournalEvent.LaneAbsent
        || event instanceof JournalEvent.SegmentCondemned
        || event instanceof JournalEvent.CopyLost
        || event instanceof JournalEvent.CopyStale
        || event instanceof JournalEvent.CopyDiverged
        || event instanceof JournalEvent.LaneStateChanged changed
            && changed.state() != LaneState.SERVING) {
      return Level.ERROR;
    }
    return event instanceof JournalEvent.BytesQuarantined
            || event instanceof JournalEvent.NotesDamaged
            || event instanceof JournalEvent.CheckpointNotWritten
            || event instanceof JournalEvent.CopyRepaired
            || event instanceof JournalEvent.DiskTrouble
            || event instanceof JournalEvent.NotesDamaged
        ? Level.WARN
        : Level.INFO;
  }
}
