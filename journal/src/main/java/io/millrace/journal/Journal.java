/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.segment.FrameData;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A durable queue of opaque payloads, each a frame of several records, spread over lanes. Records
 * are handed out in order within a lane, and again after a restart until they are acknowledged.
 * Safe for use by several threads.
 *
 * @since 0.1
 */
public final class Journal implements AutoCloseable {
  private static final long MAX_PAYLOAD_BYTES = 1L << 30;
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(8);

  private final UUID id;
  private final long session;
  private final JournalOptions options;
  private final JournalDirectories directories;

  /** Grows when a directory that was set aside at the start is back. */
  private final List<Lane> lanes;

  private final ConsumerSignal signal;
  private final LaneThreads threads;
  private final AtomicInteger nextPoll = new AtomicInteger();
  private volatile boolean isClosing;
  private boolean isClosed;

  Journal(
      UUID id,
      long session,
      JournalOptions options,
      JournalDirectories directories,
      List<Lane> lanes,
      ConsumerSignal signal,
      LaneThreads threads) {
    this.id = id;
    this.session = session;
    this.options = options;
    this.directories = directories;
    this.lanes = new CopyOnWriteArrayList<>(lanes);
    this.signal = signal;
    this.threads = threads;
  }

  /**
   * Recovers what the directories hold and starts a thread for each of them.
   *
   * @throws JournalException if the journal can't be opened; nothing stays locked then
   */
  public static Journal open(JournalOptions options, Disk disk, JournalListener listener) {
    return JournalOpener.open(options, disk, listener);
  }

  /** Stable identity, stored in the directories. */
  public UUID id() {
    return id;
  }

  /** Drawn at random when this journal was opened: tells openings of one journal apart. */
  public long session() {
    return session;
  }

  /**
   * Whether a sequence that was once handed out never stands for another record, not even after a
   * power loss. With a sync interval records are handed out before they are synced, so that it may.
   */
  public boolean hasLastingSequences() {
    return options.syncInterval().isZero();
  }

  /**
   * Takes a frame of {@code recordCount} records. Does not block. The payload is kept, not copied:
   * nobody may modify it any more.
   *
   * <p>The result completes when the frame is synced, in the lane's own thread: what depends on it
   * must be quick or go elsewhere. It completes exceptionally with a {@link JournalException} if
   * the frame was refused, and then the frame is never delivered; the one exception is {@link
   * AppendInDoubtException}. While a disk fails, frames that were already written stay unanswered
   * until they are durable, the journal is closed or a defect stops the lane.
   */
  public CompletableFuture<Void> append(byte[] payload, int offset, int length, int recordCount) {
    return append(prepare(payload, offset, length, recordCount));
  }

  /**
   * As {@link #append(byte[], int, int, int)}, with a note that the {@link NoteDigest} of the
   * options is told of: the frame and its note become durable together or not at all.
   *
   * @param note kept, not copied; null for none
   */
  public CompletableFuture<Void> append(
      byte[] payload, int offset, int length, int recordCount, byte[] note) {
    return append(prepare(payload, offset, length, recordCount, note));
  }

  /**
   * Does the part of an append that takes time and no order: packing, sealing, the checksum. The
   * payload is kept, not copied: nobody may modify it any more.
   */
  public PreparedFrame prepare(byte[] payload, int offset, int length, int recordCount) {
    return prepare(payload, offset, length, recordCount, null);
  }

  /**
   * As {@link #prepare(byte[], int, int, int)}, with a note.
   *
   * @param note at most {@link NoteDigest#MAX_NOTE_BYTES}; kept, not copied; null for none
   * @throws IllegalArgumentException if there is a note and the journal has no {@link NoteDigest}
   */
  public PreparedFrame prepare(
      byte[] payload, int offset, int length, int recordCount, byte[] note) {
    Objects.checkFromIndexSize(offset, length, payload.length);
    if (recordCount < 1) {
      throw new IllegalArgumentException("recordCount: " + recordCount + " (expected: at least 1)");
    }
    if (length > MAX_PAYLOAD_BYTES) {
      throw new IllegalArgumentException(
          "length: " + length + " (expected: at most " + MAX_PAYLOAD_BYTES + ")");
    }
    checkNote(note);
    return new PreparedFrame(
        FrameData.of(payload, offset, length, recordCount, options.codec(), note));
  }

  private void checkNote(byte[] note) {
    if (note != null && options.noteDigest().isEmpty()) {
      throw new IllegalArgumentException(
          "note: "
              + note.length
              + " bytes (expected: none, the journal was opened without a note digest)");
    }
    if (note != null && note.length > NoteDigest.MAX_NOTE_BYTES) {
      throw new IllegalArgumentException(
          "note: " + note.length + " bytes (expected: at most " + NoteDigest.MAX_NOTE_BYTES + ")");
    }
  }

  /** As {@link #append(byte[], int, int, int)}. A frame that was refused may be tried again. */
  public CompletableFuture<Void> append(PreparedFrame frame) {
    PendingAppend append = new PendingAppend(frame.data());
    JournalException refusal = offer(append);
    if (refusal != null) {
      append.future.completeExceptionally(refusal);
    }
    return append.future;
  }

  /** To the least loaded lane that takes it; the reason of the last one if none does. */
  private JournalException offer(PendingAppend append) {
    Lane preferred = leastLoaded();
    JournalException refusal = preferred.inbox().offer(append);
    for (int i = 0; refusal != null && i < lanes.size(); i++) {
      if (lanes.get(i) != preferred) {
        refusal = lanes.get(i).inbox().offer(append);
      }
    }
    if (refusal != null) {
      preferred.counters().refusedAppends.incrementAndGet();
    }
    return refusal;
  }

  private Lane leastLoaded() {
    Lane best = lanes.get(0);
    for (int i = 1; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      boolean isBetter =
          lane.state() == best.state()
              ? lane.load() < best.load()
              : lane.state().compareTo(best.state()) < 0;
      best = isBetter ? lane : best;
    }
    return best;
  }

  /**
   * Leases the next contiguous records of one lane, lanes taking turns.
   *
   * @param maxRecords at least 1
   * @param maxBytes of payload; at least one record is handed out even if it is larger
   * @return null if there is nothing to hand out now
   */
  public Lease poll(int maxRecords, long maxBytes) {
    if (maxRecords < 1) {
      throw new IllegalArgumentException("maxRecords: " + maxRecords + " (expected: at least 1)");
    }
    int first = Math.floorMod(nextPoll.getAndIncrement(), lanes.size());
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get((first + i) % lanes.size());
      Lease lease = lane.dispatcher().poll(maxRecords, maxBytes);
      if (lease != null) {
        return lease;
      }
    }
    return null;
  }

  /**
   * Waits until something may be pollable.
   *
   * @return false if the time was over before, or the journal is closed
   */
  public boolean awaitRecords(long timeoutNanos) throws InterruptedException {
    return signal.await(() -> isClosing || hasRecords(), timeoutNanos) && !isClosing;
  }

  private boolean hasRecords() {
    for (Lane lane : lanes) {
      if (lane.dispatcher().hasRecords()) {
        return true;
      }
    }
    return false;
  }

  /** Records that are durable and not yet acknowledged, leased ones included. */
  public long recordCount() {
    long count = 0;
    for (Lane lane : lanes) {
      count += lane.counters().pendingRecords.get();
    }
    return count;
  }

  /** Whether at least one lane takes appends. */
  public boolean isAccepting() {
    return !isClosing && lanes.stream().anyMatch(lane -> lane.state() == LaneState.SERVING);
  }

  public JournalStatistics statistics() {
    List<LaneStatistics> figures = new ArrayList<>();
    lanes.forEach(lane -> figures.add(lane.statistics()));
    return new JournalStatistics(figures, directories.unusableCount(), directories.absentRecords());
  }

  /**
   * Stops taking appends, writes what is queued, answers everything, and gives the directories
   * back. Leases that are open are handed out again after the next start. Not to be called by a
   * lane's own thread, that is, from what depends on an append's result. Idempotent.
   */
  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosing = true;
    for (Lane lane : lanes) {
      lane.inbox().refuseNew(lane::closed);
    }
    threads.close(CLOSE_TIMEOUT.toNanos());
    signal.raise();
    directories.close();
    isClosed = true;
  }

  /** Takes a lane into service; false if the journal was closed before. */
  synchronized boolean add(Lane lane) {
    if (isClosing) {
      return false;
    }
    threads.add(lane);
    lanes.add(lane);
    signal.raise();
    return true;
  }

  boolean isClosing() {
    return isClosing;
  }

  /** For the simulator, which is the owner of all lanes. */
  List<Lane> lanes() {
    return lanes;
  }
}
