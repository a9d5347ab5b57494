/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Events in memory, in the order in which they were put. Events that come back stand before those
 * that were never given out, in their old order.
 *
 * <p>Room is bounded by number, by slots of bodies (Flume's measure) and by encoded bytes, since a
 * peer may send headers of any size. What is lent out takes room until it is acknowledged.
 *
 * <p>Guarded by {@code lock}, under which nothing else is called.
 */
public final class MemoryQueue {
  private final MemoryRoom room;
  private final Runnable roomFreed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasEvents = lock.newCondition();
  private final ArrayDeque<StoredRun> queue = new ArrayDeque<>();

  /** Events that came back, by their first sequence number; all older than the queue. */
  private final TreeMap<Long, StoredRun> returned = new TreeMap<>();

  private Load used = Load.NONE;
  private long nextSequence;
  private boolean isClosed;

  /** An empty queue; calls {@code roomFreed} whenever events are acknowledged. */
  public MemoryQueue(MemoryRoom room, Runnable roomFreed) {
    this.room = room;
    this.roomFreed = roomFreed;
  }

  /** What the batch would take of the room. */
  public Load weigh(EventBatch batch) {
    return Load.of(batch, room.slotBytes());
  }

  /** Whether the queue has room for it when it is empty. */
  public boolean canHold(Load load) {
    return room.holds(load);
  }

  /** Puts the batch, which weighs that much, if there is room. */
  public boolean offer(EventBatch batch, Load load) {
    lock.lock();
    try {
      if (!room.holds(used, load)) {
        return false;
      }
      put(batch, load);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #offer}, but an empty queue also takes a batch of more bytes than it has room for: it
   * is in memory anyway, and refusing it for ever would block its source.
   */
  public boolean offerWhole(EventBatch batch, Load load) {
    lock.lock();
    try {
      boolean fits =
          used.events() == 0 ? load.events() <= room.most().events() : room.holds(used, load);
      if (fits) {
        put(batch, load);
      }
      return fits;
    } finally {
      lock.unlock();
    }
  }

  private void put(EventBatch batch, Load load) {
    used = used.plus(load);
    queue.add(new StoredRun(batch, load, nextSequence));
    nextSequence += batch.eventCount();
    hasEvents.signalAll();
  }

  /** The next events, as {@link io.millrace.api.Channel#take} has it. */
  public Delivery take(int maxEvents, long maxBytes) {
    List<StoredRun.Piece> pieces = takePieces(maxEvents, maxBytes);
    return pieces.isEmpty() ? null : new LentEvents(this, pieces, room.slotBytes());
  }

  private List<StoredRun.Piece> takePieces(int maxEvents, long maxBytes) {
    List<StoredRun.Piece> pieces = new ArrayList<>();
    int events = 0;
    long bytes = 0;
    lock.lock();
    try {
      for (StoredRun run = first(); run != null && events < maxEvents; run = first()) {
        StoredRun.Piece piece =
            run.take(maxEvents - events, maxBytes - bytes, events == 0, room.slotBytes());
        if (piece.batch().isEmpty()) {
          break;
        }
        pieces.add(piece);
        events += piece.batch().eventCount();
        bytes += piece.batch().encodedBytes();
        settlePlace(run);
      }
    } finally {
      lock.unlock();
    }
    return pieces;
  }

  private StoredRun first() {
    return returned.isEmpty() ? queue.peek() : returned.firstEntry().getValue();
  }

  /** Removes the run in front when nothing is left of it. */
  private void settlePlace(StoredRun run) {
    if (returned.isEmpty()) {
      if (run.isExhausted()) {
        queue.remove();
      }
      return;
    }
    returned.pollFirstEntry();
    if (!run.isExhausted()) {
      // Under the number of its rest, so that what was just lent has a place to come back to.
      returned.put(run.sequenceNext(), run);
    }
  }

  /** Frees the room of events that are gone. */
  void release(Load load) {
    lock.lock();
    try {
      used = used.minus(load);
    } finally {
      lock.unlock();
    }
    roomFreed.run();
  }

  /** Takes back pieces that were lent and not acknowledged; their room was never freed. */
  void giveBack(List<StoredRun.Piece> pieces) {
    lock.lock();
    try {
      for (StoredRun.Piece piece : pieces) {
        returned.put(
            piece.sequenceFirst(),
            new StoredRun(piece.batch(), piece.load(), piece.sequenceFirst()));
      }
      hasEvents.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there are events to take; false when the time passed or the queue was closed. */
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (first() == null && !isClosed && nanos > 0) {
        nanos = hasEvents.awaitNanos(nanos);
      }
      return first() != null;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody wait any more. Idempotent; false when it was closed before. */
  public boolean close() {
    lock.lock();
    try {
      boolean wasOpen = !isClosed;
      isClosed = true;
      hasEvents.signalAll();
      return wasOpen;
    } finally {
      lock.unlock();
    }
  }

  /** What is held and not yet acknowledged. */
  public Load used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }

  /** Percent of the room that is free, by the measure that is the fullest. */
  public int freePercent() {
    return room.freePercent(used());
  }
}
