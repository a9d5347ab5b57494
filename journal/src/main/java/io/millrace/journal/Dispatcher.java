/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.segment.FrameData;
import io.millrace.journal.segment.LaneFiles;
import io.millrace.journal.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Hands out the durable records of one lane in order. Guarded by {@code lock}. */
final class Dispatcher implements Lease.LeaseOwner {
  private final int laneIndex;
  private final SegmentIndex index;
  private final TailCache cache;
  private final LaneFiles files;
  private final Inbox inbox;
  private final LaneCounters counters;
  private final JournalListener listener;
  private final ConsumerSignal signal;
  private final LongSupplier nanoClock;
  private final long retryNanos;
  private final LongSupplier syncedLowWater;

  /** Nothing from here on was there, and thus handed out, before the lane was opened. */
  private final long firstNewSequence;

  private final ReentrantLock lock = new ReentrantLock();
  private final ColdReader coldReader;

  /** Start to end of what goes out before anything newer; disjoint, never adjacent. */
  private final TreeMap<Long, Long> returned = new TreeMap<>();

  /** Everything from here on was never handed out, everything below was, or is in returned. */
  private long cursor;

  private boolean isClosed;
  private boolean isUnreadable;
  private long unreadableUntilNanos;

  /** First sequence that is not durable. Written by the owner thread. */
  private volatile long endSequence;

  Dispatcher(
      int laneIndex,
      SegmentIndex index,
      TailCache cache,
      LaneFiles files,
      Inbox inbox,
      LaneCounters counters,
      LaneContext context,
      AckKeeper ackKeeper,
      long nextSequence) {
    this.laneIndex = laneIndex;
    this.index = index;
    this.cache = cache;
    this.files = files;
    this.inbox = inbox;
    this.counters = counters;
    this.listener = context.listener();
    this.signal = context.signal();
    this.nanoClock = context.nanoClock();
    this.retryNanos = context.options().retryInterval().toNanos();
    this.coldReader = new ColdReader(laneIndex, index, context.options().codec(), listener);
    this.syncedLowWater = ackKeeper::syncedLowWater;
    this.firstNewSequence = nextSequence;
    SequenceSet acks = ackKeeper.acks();
    this.cursor = Math.min(nextSequence, acks.end());
    this.endSequence = nextSequence;
    for (SequenceRange gap : acks.missing(0, cursor)) {
      returned.put(gap.first(), gap.end());
    }
  }

  /** Called by the owner thread once everything below is durable and can be read. */
  void advance(long newEndSequence) {
    // With a sync interval, frames that were handed out already are written again after a failure.
    endSequence = Math.max(endSequence, newEndSequence);
  }

  long endSequence() {
    return endSequence;
  }

  boolean hasRecords() {
    lock.lock();
    try {
      return !isClosed && isReadable() && (cursor < endSequence || !returned.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  private boolean isReadable() {
    if (isUnreadable && nanoClock.getAsLong() - unreadableUntilNanos >= 0) {
      isUnreadable = false;
    }
    return !isUnreadable;
  }

  /** Null if there is nothing to hand out now. */
  Lease poll(int maxRecords, long maxBytes) {
    lock.lock();
    try {
      if (isClosed || !isReadable()) {
        return null;
      }
      while (true) {
        boolean isReturned = !returned.isEmpty();
        long first = isReturned ? returned.firstKey() : cursor;
        long end = isReturned ? returned.firstEntry().getValue() : endOfNew(first);
        if (first >= end) {
          return null;
        }
        Selection selection = new Selection(first, maxRecords, maxBytes);
        select(selection, end);
        if (isReturned) {
          returned.remove(first);
          if (selection.at < end) {
            returned.put(selection.at, end);
          }
        } else {
          cursor = selection.at;
        }
        if (!selection.chunks.isEmpty()) {
          return new Lease(
              this,
              laneIndex,
              selection.first,
              (int) (selection.at - selection.first),
              selection.chunks,
              syncedLowWater.getAsLong(),
              !isReturned && selection.first >= firstNewSequence);
        }
        if (isUnreadable) {
          return null;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** A lease never joins what was there when the lane was opened with what came later. */
  private long endOfNew(long first) {
    return first < firstNewSequence ? firstNewSequence : endSequence;
  }

  /** What one lease will hold. */
  private static final class Selection {
    final List<Chunk> chunks = new ArrayList<>();
    long first;
    long at;
    int recordsLeft;
    long bytesLeft;

    Selection(long first, int maxRecords, long maxBytes) {
      this.first = first;
      this.at = first;
      this.recordsLeft = maxRecords;
      this.bytesLeft = maxBytes;
    }

    /** Whether anything of the frame was taken. Bytes of a part are taken as its share. */
    boolean take(Found.Frame found, long end) {
      FrameData frame = found.data();
      int skip = (int) (at - found.firstSequence());
      int take = (int) Math.min(Math.min(frame.recordCount() - skip, recordsLeft), end - at);
      long bytes = shareOf(frame, take);
      if (bytes > bytesLeft) {
        if (!chunks.isEmpty()) {
          return false;
        }
        long fitting = Math.max(0, bytesLeft) * frame.recordCount() / frame.payloadBytes();
        take = (int) Math.max(1, Math.min(take, fitting));
        bytes = shareOf(frame, take);
      }
      chunks.add(
          new Chunk(
              frame.payload(),
              frame.offset(),
              frame.payloadBytes(),
              frame.recordCount(),
              skip,
              take,
              found.isAsAppended()));
      at += take;
      recordsLeft -= take;
      bytesLeft -= bytes;
      return true;
    }

    private static long shareOf(FrameData frame, int records) {
      return (long) frame.payloadBytes() * records / frame.recordCount();
    }
  }

  private void select(Selection selection, long end) {
    while (selection.at < end && selection.recordsLeft > 0) {
      Found found = find(selection.at);
      if (found instanceof Found.Frame frame) {
        if (!selection.take(frame, end)) {
          return;
        }
      } else if (found instanceof Found.Missing missing && selection.chunks.isEmpty()) {
        long lostEnd = Math.min(end, missing.endSequence());
        reportLost(missing, selection.at, lostEnd);
        selection.at = lostEnd;
        selection.first = lostEnd;
      } else {
        return;
      }
    }
  }

  /** Null if the disk does not answer. */
  private Found find(long sequence) {
    Map.Entry<Long, FrameData> cached = cache.find(sequence);
    if (cached != null) {
      return new Found.Frame(cached.getKey(), cached.getValue(), true);
    }
    try {
      counters.coldFrames.incrementAndGet();
      return coldReader.find(sequence, endSequence);
    } catch (IOException e) {
      isUnreadable = true;
      unreadableUntilNanos = nanoClock.getAsLong() + retryNanos;
      listener.onEvent(
          new JournalEvent.DiskTrouble(
              laneIndex, "sequence " + sequence + " can't be read and is tried again", e));
      return null;
    }
  }

  private void reportLost(Found.Missing missing, long first, long end) {
    String where = "before the first segment";
    if (missing.segment() != null) {
      where = "segment " + missing.segment() + " at position " + missing.position();
      counters.quarantinedFrames.incrementAndGet();
      listener.onEvent(quarantine(missing, first));
    }
    counters.lostRecords.addAndGet(end - first);
    counters.pendingRecords.addAndGet(first - end);
    inbox.addAck(first, end);
    listener.onEvent(new JournalEvent.RecordsLost(laneIndex, where, first, end, missing.cause()));
  }

  private JournalEvent quarantine(Found.Missing missing, long sequence) {
    Exception error = null;
    try {
      files.quarantine(index.of(sequence).file(), missing.position(), missing.endPosition());
    } catch (IOException e) {
      error = e;
    }
    return new JournalEvent.BytesQuarantined(
        laneIndex, missing.segment(), missing.position(), missing.endPosition(), error);
  }

  @Override
  public void acknowledge(long firstSequence, long ackEndSequence) {
    lock.lock();
    try {
      if (isClosed) {
        throw new JournalClosedException(
            "Lane "
                + laneIndex
                + ": sequences "
                + firstSequence
                + "-"
                + (ackEndSequence - 1)
                + " are acknowledged after the journal was closed, and will be handed out again",
            null);
      }
      inbox.addAck(firstSequence, ackEndSequence);
    } finally {
      lock.unlock();
    }
    counters.acknowledgedRecords.addAndGet(ackEndSequence - firstSequence);
    counters.pendingRecords.addAndGet(firstSequence - ackEndSequence);
  }

  @Override
  public void giveBack(List<SequenceRange> ranges) {
    lock.lock();
    try {
      for (SequenceRange range : ranges) {
        giveBack(range.first(), range.end());
      }
    } finally {
      lock.unlock();
    }
    signal.raise();
  }

  private void giveBack(long first, long end) {
    long mergedFirst = first;
    long mergedEnd = end;
    Map.Entry<Long, Long> before = returned.floorEntry(first);
    if (before != null && before.getValue() == first) {
      mergedFirst = before.getKey();
    }
    Long behind = returned.remove(end);
    if (behind != null) {
      mergedEnd = behind;
    }
    returned.put(mergedFirst, mergedEnd);
  }

  /** The owner is done writing the segment: its file is opened again when it is read. */
  void closeIdle(Segment sealed) {
    lock.lock();
    try {
      if (!coldReader.isOn(sealed)) {
        sealed.file().close();
      }
    } catch (IOException e) {
      listener.onEvent(new JournalEvent.DiskTrouble(laneIndex, "closing " + sealed.name(), e));
    } finally {
      lock.unlock();
    }
  }

  /** All of the segment is acknowledged: nobody opens or closes its file from here any more. */
  void detach(Segment segment) {
    lock.lock();
    try {
      index.remove(segment);
      coldReader.forget(segment);
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      isClosed = true;
    } finally {
      lock.unlock();
    }
  }
}
