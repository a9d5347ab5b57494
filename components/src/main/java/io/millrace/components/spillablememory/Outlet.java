/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.InvariantViolation;
import io.millrace.components.memory.MemoryQueue;
import io.millrace.components.spillablememory.EventOrder.Place;
import io.millrace.components.spillablememory.EventOrder.Run;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives events out in their order, each delivery from one place, and takes them back to it.
 *
 * <p>Guarded by {@code lock}, which may be held while the disk is read: appends do without it.
 */
final class Outlet {
  private final MemoryQueue memory;
  private final Channel overflow;
  private final Placement placement;
  private final Runnable roomFreed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<PlacedDelivery> lentFromMemory = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  Outlet(MemoryQueue memory, Channel overflow, Placement placement, Runnable roomFreed) {
    this.memory = memory;
    this.overflow = overflow;
    this.placement = placement;
    this.roomFreed = roomFreed;
  }

  /** The next events, or null when there are none now. */
  Delivery take(int maxEvents, long maxBytes) {
    Delivery delivery = null;
    boolean isLost = false;
    lock.lock();
    try {
      Run run = isClosed ? null : placement.first();
      while (run != null && delivery == null) {
        delivery = take(run, maxEvents, maxBytes);
        if (delivery == null) {
          if (!placement.dropIfLost(run)) {
            break;
          }
          isLost = true;
          run = placement.first();
        }
      }
    } finally {
      lock.unlock();
    }
    if (isLost) {
      roomFreed.run();
    }
    return delivery;
  }

  private Delivery take(Run run, int maxEvents, long maxBytes) {
    int most = (int) Math.min(maxEvents, placement.waitingIn(run));
    if (most == 0) {
      // An append that failed has left the run since.
      return null;
    }
    boolean isInMemory = run.place() == Place.MEMORY;
    Delivery delivery = isInMemory ? memory.take(most, maxBytes) : overflow.take(most, maxBytes);
    if (delivery == null) {
      InvariantViolation.check(
          !isInMemory, "events in memory: none (expected: " + most + " or more)");
      return null;
    }
    placement.lend(run, delivery.batch().eventCount());
    PlacedDelivery placed = new PlacedDelivery(this, delivery, run);
    if (isInMemory) {
      lentFromMemory.add(placed);
    }
    return placed;
  }

  /** Waits until {@link #take} may find events. */
  boolean awaitEvents(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    while (true) {
      long seen = placement.changes();
      if (mayTake()) {
        return true;
      }
      if (left <= 0 || isClosed) {
        return false;
      }
      left = placement.awaitChange(seen, left);
    }
  }

  private boolean mayTake() throws InterruptedException {
    if (isClosed) {
      return false;
    }
    Run run = placement.first();
    if (run == null) {
      return false;
    }
    // Of events that were lost on disk only a take can tell.
    return run.place() == Place.MEMORY || overflow.awaitEvents(Duration.ZERO) || dropIfLost(run);
  }

  private boolean dropIfLost(Run run) {
    if (!lock.tryLock()) {
      return false;
    }
    boolean isLost;
    try {
      isLost = placement.dropIfLost(run);
    } finally {
      lock.unlock();
    }
    if (isLost) {
      roomFreed.run();
    }
    return isLost;
  }

  /** Events of a delivery are about to be acknowledged. */
  void noLongerLent(Run run, int events) {
    placement.noLongerLent(run, events);
  }

  /** Events were acknowledged. */
  void acknowledged(Run run) {
    // Memory has told already.
    if (run.place() == Place.DISK) {
      roomFreed.run();
    }
  }

  /** Takes back what the delivery has not acknowledged. */
  void settle(PlacedDelivery delivery) {
    if (delivery.isAcknowledged()) {
      delivery.giveBack();
    } else {
      lock.lock();
      try {
        takeBack(delivery);
      } finally {
        lock.unlock();
      }
    }
    lentFromMemory.remove(delivery);
  }

  private void takeBack(PlacedDelivery delivery) {
    int events = delivery.giveBack();
    if (events > 0) {
      placement.giveBack(delivery.run(), events);
    }
  }

  /**
   * Gives nothing out any more, and takes back what was lent from memory: whoever holds it is too
   * late, an acknowledgement changes nothing. False when it was closed before.
   */
  boolean close() {
    lock.lock();
    try {
      if (isClosed) {
        return false;
      }
      isClosed = true;
      lentFromMemory.forEach(this::takeBack);
      lentFromMemory.clear();
    } finally {
      lock.unlock();
    }
    placement.wake();
    return true;
  }
}
