/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.DiskFullException;
import io.millrace.journal.format.Identity;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.segment.LaneFiles;
import io.millrace.journal.segment.SegmentFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * Keeps segment files ready: recycled ones, and new ones that the background prepares. Confined to
 * the lane's owner thread, but for the mailbox in which the background leaves its results.
 */
final class SegmentPool {
  private static final int MAX_SPARES = 2;

  private final int laneIndex;
  private final LaneFiles files;
  private final SegmentHeader spareHeader;
  private final long segmentBytes;
  private final LaneContext context;
  private final Executor background;
  private final Runnable wakeOwner;

  private final ArrayDeque<SegmentFile> spares = new ArrayDeque<>();
  private final ConcurrentLinkedQueue<Prepared> mailbox = new ConcurrentLinkedQueue<>();
  private boolean isPreparing;
  private IOException failure;

  /** What the last preparation was to make. */
  private long preparedBytes;

  private volatile int spareCount;

  private record Prepared(SegmentFile file, IOException failure, boolean isDefect) {
    static Prepared failed(IOException failure) {
      return new Prepared(null, failure, false);
    }

    /** By what no disk throws: want of memory, or a defect of ours. */
    static Prepared broken(Throwable error) {
      return new Prepared(
          null, new IOException("preparing a segment file failed: " + error, error), true);
    }
  }

  SegmentPool(
      int laneIndex,
      LaneFiles files,
      long segmentBytes,
      LaneContext context,
      Executor background,
      Runnable wakeOwner) {
    this.laneIndex = laneIndex;
    this.files = files;
    this.spareHeader = SegmentHeader.spare(context.journalId(), laneIndex);
    this.segmentBytes = segmentBytes;
    this.context = context;
    this.background = background;
    this.wakeOwner = wakeOwner;
  }

  /** Takes note of what the background has done; true if it failed since the last call. */
  boolean collect() {
    boolean hasFailed = false;
    for (Prepared done = mailbox.poll(); done != null; done = mailbox.poll()) {
      isPreparing = false;
      failure = done.failure();
      hasFailed = failure != null;
      if (done.file() != null) {
        spares.add(done.file());
      }
    }
    spareCount = spares.size();
    return hasFailed;
  }

  int spareCount() {
    return spareCount;
  }

  boolean isPreparing() {
    return isPreparing;
  }

  /**
   * Why a file of that size can't be had for now, or null if that is not known: want of space for a
   * large file says nothing of a smaller one.
   */
  IOException failure(long fileBytes) {
    boolean isSmaller = Math.max(fileBytes, segmentBytes) < preparedBytes;
    return isSmaller && failure instanceof DiskFullException ? null : failure;
  }

  /** Whether {@link #take} would find a file. */
  boolean hasSpare(long fileBytes) {
    return spares.stream().anyMatch(spare -> spare.fileBytes() >= fileBytes);
  }

  /** A file of at least that size, or null. */
  SegmentFile take(long fileBytes) {
    SegmentFile found = null;
    for (SegmentFile spare : spares) {
      if (spare.fileBytes() >= fileBytes) {
        found = spare;
        break;
      }
    }
    spares.remove(found);
    spareCount = spares.size();
    return found;
  }

  /** Has a file made, unless one is being made. */
  void prepare(long fileBytes) {
    if (isPreparing) {
      return;
    }
    isPreparing = true;
    failure = null;
    long bytes = Math.max(fileBytes, segmentBytes);
    preparedBytes = bytes;
    background.execute(() -> prepareNow(bytes));
  }

  private void prepareNow(long fileBytes) {
    Prepared result;
    try {
      if (!files.isInPlace(new Identity(context.journalId(), laneIndex))) {
        throw files.misplaced();
      }
      result = new Prepared(files.prepareSegment(spareHeader, fileBytes), null, false);
    } catch (IOException e) {
      result = Prepared.failed(e);
    } catch (Throwable e) { // else the owner would wait for a result for ever
      result = Prepared.broken(e);
    }
    mailbox.add(result);
    wakeOwner.run();
    if (result.isDefect()) {
      context
          .listener()
          .onEvent(
              new JournalEvent.DiskTrouble(
                  laneIndex, "no segment file is made, it is tried again", result.failure()));
    }
  }

  /** Keeps a file whose content is no longer wanted for the next use, or deletes it. */
  void recycle(SegmentFile file) {
    if (file.fileBytes() == segmentBytes && spares.size() < MAX_SPARES) {
      spares.add(file);
      spareCount = spares.size();
    } else {
      discard(file);
    }
  }

  void discard(SegmentFile file) {
    background.execute(() -> discardNow(file));
  }

  private void discardNow(SegmentFile file) {
    try {
      file.discard();
    } catch (IOException e) {
      context
          .listener()
          .onEvent(
              new JournalEvent.DiskTrouble(
                  laneIndex, file.name() + " can't be deleted; the next start does it", e));
    }
  }

  /** The disk failed: what was prepared before is not trusted. */
  void discardSpares() {
    spares.forEach(this::discard);
    spares.clear();
    spareCount = 0;
  }

  void close() throws IOException {
    collect();
    for (SegmentFile spare : spares) {
      spare.close();
    }
  }
}
