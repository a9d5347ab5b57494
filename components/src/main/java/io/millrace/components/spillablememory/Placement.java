/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.EventBatch;
import io.millrace.components.memory.Load;
import io.millrace.components.memory.MemoryQueue;
import io.millrace.components.spillablememory.EventOrder.Place;
import io.millrace.components.spillablememory.EventOrder.Run;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What is where: the order of the events in both places and the figures that belong to it. Guarded
 * by {@code lock}, which is never held while a disk is used.
 */
final class Placement {
  private final MemoryQueue memory;
  private final LongSupplier eventsOnDisk;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final EventOrder order = new EventOrder();

  /** Grows whenever there may be something new to take. */
  private long changes;

  /** Events given to the overflow whose append is not answered. */
  private long unansweredOnDisk;

  /** Events of the overflow that are lent out and not acknowledged; for an instant fewer. */
  private long lentFromDisk;

  Placement(MemoryQueue memory, LongSupplier eventsOnDisk) {
    this.memory = memory;
    this.eventsOnDisk = eventsOnDisk;
  }

  /** Events that a former process left on disk come before all others. */
  void recover() {
    lock.lock();
    try {
      long recovered = eventsOnDisk.getAsLong();
      if (recovered > 0) {
        order.append(Place.DISK, recovered);
      }
      somethingChanged();
    } finally {
      lock.unlock();
    }
  }

  /** Puts the batch into memory if there is room. */
  boolean putIntoMemory(EventBatch batch, Load load) {
    lock.lock();
    try {
      if (!memory.offer(batch, load)) {
        return false;
      }
      order.append(Place.MEMORY, batch.eventCount());
      somethingChanged();
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean hasRoomOnDisk(int events, long capacity) {
    lock.lock();
    try {
      return eventsOnDisk.getAsLong() + unansweredOnDisk + events <= capacity;
    } finally {
      lock.unlock();
    }
  }

  /** Events are about to be given to the overflow. */
  Run beginOnDisk(int events) {
    lock.lock();
    try {
      unansweredOnDisk += events;
      return order.append(Place.DISK, events);
    } finally {
      lock.unlock();
    }
  }

  /** The overflow has said whether it has them. */
  void endOnDisk(Run run, int events, boolean isAppended) {
    lock.lock();
    try {
      unansweredOnDisk -= events;
      if (!isAppended) {
        order.take(run, events);
      }
      somethingChanged();
    } finally {
      lock.unlock();
    }
  }

  /** The run to take from; null when there is nothing. */
  Run first() {
    lock.lock();
    try {
      return order.first();
    } finally {
      lock.unlock();
    }
  }

  long waitingIn(Run run) {
    lock.lock();
    try {
      return run.events();
    } finally {
      lock.unlock();
    }
  }

  void lend(Run run, int events) {
    lock.lock();
    try {
      order.take(run, events);
      if (run.place() == Place.DISK) {
        lentFromDisk += events;
      }
    } finally {
      lock.unlock();
    }
  }

  void giveBack(Run run, int events) {
    lock.lock();
    try {
      order.giveBack(run, events);
      if (run.place() == Place.DISK) {
        lentFromDisk -= events;
      }
      somethingChanged();
    } finally {
      lock.unlock();
    }
  }

  /** Events are about to be acknowledged: before the overflow knows, never after. */
  void noLongerLent(Run run, int events) {
    if (run.place() == Place.MEMORY || events == 0) {
      return;
    }
    lock.lock();
    try {
      lentFromDisk -= events;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Drops the rest of a run on disk if it was lost there, which the file channel has said. Not to
   * be called while events are being lent or given back: they would count twice.
   */
  boolean dropIfLost(Run run) {
    lock.lock();
    try {
      boolean isLost = unansweredOnDisk == 0 && eventsOnDisk.getAsLong() <= lentFromDisk;
      if (isLost) {
        order.take(run, run.events());
      }
      return isLost;
    } finally {
      lock.unlock();
    }
  }

  long changes() {
    lock.lock();
    try {
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there were other changes than those seen; the nanoseconds that are left. */
  long awaitChange(long seen, long timeoutNanos) throws InterruptedException {
    long left = timeoutNanos;
    lock.lockInterruptibly();
    try {
      while (changes == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return left;
  }

  /** Has everyone who waits look again. */
  void wake() {
    lock.lock();
    try {
      somethingChanged();
    } finally {
      lock.unlock();
    }
  }

  /** Called under the lock. */
  private void somethingChanged() {
    changes++;
    changed.signalAll();
  }
}
