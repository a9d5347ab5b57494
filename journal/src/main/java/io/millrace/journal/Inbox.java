/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.SequenceRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** What other threads want of a lane's owner. Guarded by {@code lock}. */
@SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
final class Inbox {
  private final long maxQueuedBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final ArrayDeque<PendingAppend> appends = new ArrayDeque<>();
  private List<SequenceRange> acks = new ArrayList<>();
  private boolean isWoken;

  /** Why appends are refused, or null. */
  private Supplier<JournalException> refusal;

  /** Written under the lock, read without. */
  private volatile long queuedBytes;

  Inbox(long maxQueuedBytes) {
    this.maxQueuedBytes = maxQueuedBytes;
  }

  /** Null if the append was queued, else why not. */
  JournalException offer(PendingAppend append) {
    long bytes = append.frame.queuedBytes();
    lock.lock();
    try {
      if (refusal != null) {
        return refusal.get();
      }
      if (!appends.isEmpty() && queuedBytes + bytes > maxQueuedBytes) {
        return new QueueFullException(
            queuedBytes + " bytes are queued (expected: at most " + maxQueuedBytes + ")", null);
      }
      appends.add(append);
      queuedBytes = queuedBytes + bytes;
      wake();
      return null;
    } finally {
      lock.unlock();
    }
  }

  long queuedBytes() {
    return queuedBytes;
  }

  boolean isRefusing() {
    lock.lock();
    try {
      return refusal != null;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of the frame that {@link #takeAppends} returns next, or -1. */
  long nextFrameBytes() {
    lock.lock();
    try {
      PendingAppend next = appends.peek();
      return next == null ? -1 : next.frame.frameBytes();
    } finally {
      lock.unlock();
    }
  }

  /** Moves appends to {@code group} as long as together they take at most {@code roomBytes}. */
  void takeAppends(List<PendingAppend> group, long roomBytes) {
    lock.lock();
    try {
      long room = roomBytes;
      PendingAppend next = appends.peek();
      while (next != null && next.frame.frameBytes() <= room) {
        room -= next.frame.frameBytes();
        queuedBytes = queuedBytes - next.frame.queuedBytes();
        group.add(next);
        appends.poll();
        next = appends.peek();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Refuses appends from now on, and returns those that were queued and are refused with them. */
  List<PendingAppend> refuse(Supplier<JournalException> reason) {
    lock.lock();
    try {
      refusal = reason;
      List<PendingAppend> refused = new ArrayList<>(appends);
      appends.clear();
      queuedBytes = 0;
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #refuse}, but what is queued stays queued. */
  void refuseNew(Supplier<JournalException> reason) {
    lock.lock();
    try {
      refusal = reason;
    } finally {
      lock.unlock();
    }
  }

  void accept() {
    lock.lock();
    try {
      refusal = null;
    } finally {
      lock.unlock();
    }
  }

  void addAck(long firstSequence, long endSequence) {
    lock.lock();
    try {
      acks.add(new SequenceRange(firstSequence, endSequence));
      wake();
    } finally {
      lock.unlock();
    }
  }

  List<SequenceRange> takeAcks() {
    lock.lock();
    try {
      if (acks.isEmpty()) {
        return List.of();
      }
      List<SequenceRange> taken = acks;
      acks = new ArrayList<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the owner's wait, or the next one before it begins. */
  void wakeUp() {
    lock.lock();
    try {
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void wake() {
    isWoken = true;
    work.signal();
  }

  /** Waits until there is work or the time is over. */
  void await(long timeoutNanos) {
    lock.lock();
    try {
      long left = timeoutNanos;
      while (!isWoken && left > 0) {
        left = work.awaitNanos(left);
      }
      isWoken = false;
    } catch (InterruptedException e) {
      // Nobody may interrupt the owner: an interrupt flag would close the next file it touches.
      isWoken = false;
    } finally {
      lock.unlock();
    }
  }
}
