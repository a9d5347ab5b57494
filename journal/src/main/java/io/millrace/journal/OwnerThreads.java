/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.ArrayList;
import java.util.List;

/** One owner thread per lane. Nobody interrupts them: they may be inside a file. */
final class OwnerThreads implements LaneThreads {
  private final List<Owner> owners = new ArrayList<>();
  private final LaneBackground background;

  OwnerThreads(List<Lane> lanes, LaneBackground background) {
    this.background = background;
    lanes.forEach(this::add);
  }

  @Override
  public void add(Lane lane) {
    Owner owner = new Owner(lane);
    owner.thread.setName("journal/lane-" + lane.laneIndex());
    owners.add(owner);
    owner.thread.start();
  }

  private static final class Owner implements Runnable {
    final Lane lane;
    final Thread thread = new Thread(this);
    private volatile boolean isClosing;
    private volatile long deadlineNanos;

    Owner(Lane lane) {
      this.lane = lane;
    }

    @Override
    public void run() {
      try {
        while (!isClosing || (lane.hasUnfinishedAppends() && !isOverdue())) {
          long waitNanos = lane.step();
          lane.inbox().await(isClosing ? Math.min(waitNanos, 10_000_000) : waitNanos);
        }
        lane.finish();
      } catch (Throwable e) { // an Error too: nobody else would answer what the lane took
        lane.stop(e);
      }
    }

    private boolean isOverdue() {
      return System.nanoTime() - deadlineNanos > 0;
    }

    void close(long timeoutNanos) {
      deadlineNanos = System.nanoTime() + timeoutNanos;
      isClosing = true;
      lane.inbox().wakeUp();
    }
  }

  @Override
  public void close(long timeoutNanos) {
    owners.forEach(owner -> owner.close(timeoutNanos));
    boolean wasInterrupted = false;
    for (Owner owner : owners) {
      wasInterrupted |= join(owner.thread);
    }
    background.shutdown();
    try {
      // A deletion that hangs may outlast it: daemon threads do not keep the process.
      background.awaitTermination(timeoutNanos);
    } catch (InterruptedException e) {
      wasInterrupted = true;
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits to the end all the same, since half a close would corrupt nothing but lose the lock. */
  private static boolean join(Thread thread) {
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        return wasInterrupted;
      } catch (InterruptedException e) {
        wasInterrupted = true;
      }
    }
  }
}
