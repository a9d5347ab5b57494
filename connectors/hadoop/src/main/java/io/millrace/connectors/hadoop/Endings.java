/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Files to be closed and renamed, tried again with growing pauses until it is done. Guarded by
 * {@code this}.
 */
final class Endings {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LEASE_PAUSE = Duration.ofSeconds(1);

  private final Workplace work;
  private final BiConsumer<OutFile, List<Part>> writeElsewhere;
  private final Set<Ending> open = new LinkedHashSet<>();

  /**
   * @param writeElsewhere takes what a file that failed still held
   */
  Endings(Workplace work, BiConsumer<OutFile, List<Part>> writeElsewhere) {
    this.work = work;
    this.writeElsewhere = writeElsewhere;
  }

  synchronized int size() {
    return open.size();
  }

  synchronized boolean isFull() {
    return open.size() >= work.options().maxPendingCloses();
  }

  /** Begins at once. */
  void add(Ending ending) {
    synchronized (this) {
      open.add(ending);
      ending.takeNow();
    }
    work.pool().submit(new EndingTurn(ending));
  }

  /** Tries again what is due. */
  void sweep(long nowNanos) {
    List<Ending> due = new ArrayList<>();
    synchronized (this) {
      for (Ending ending : open) {
        if (ending.takeIfDue(nowNanos)) {
          due.add(ending);
        }
      }
    }
    for (Ending ending : due) {
      work.counters().closeRetries().increment();
      work.pool().submit(new EndingTurn(ending));
    }
  }

  /** Tries everything again at once: the sink stops. */
  synchronized void hurry() {
    long now = System.nanoTime();
    open.forEach(ending -> ending.hurry(now));
  }

  private void done(Ending ending) {
    synchronized (this) {
      open.remove(ending);
      notifyAll();
    }
  }

  /** Waits until all are done, or the time is over. */
  synchronized boolean await(long deadlineNanos) throws InterruptedException {
    while (!open.isEmpty()) {
      long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(Math.min(millis, 20));
    }
    return true;
  }

  private void failed(Ending ending, Object why) {
    work.counters().failed().increment();
    if (!ending.isDecided()) {
      List<Part> held = ending.file().takeUnsettled();
      ending.lose();
      if (!held.isEmpty()) {
        writeElsewhere.accept(ending.file(), held);
      }
    }
    HdfsSinkOptions options = work.options();
    boolean isOnce = options.retryInterval().isZero() || options.retryInterval().isNegative();
    boolean isLast =
        !ending.isDecided()
            && (isOnce || (options.closeTries() > 0 && ending.tries() + 1 >= options.closeTries()));
    work.trouble(
        ending.file().inUse() + " could not be closed and renamed, try " + (ending.tries() + 1),
        why,
        isLast ? "It is left to the next start of the sink" : "It is tried again");
    synchronized (this) {
      ending.again(System.nanoTime() + pauseNanos(ending.tries()));
    }
    if (isLast) {
      done(ending);
    }
  }

  private long pauseNanos(int tries) {
    long longest = Math.max(1, work.options().retryInterval().toNanos());
    long pause = FIRST_PAUSE.toNanos() << Math.min(tries, 20);
    return Math.min(longest, pause);
  }

  private final class EndingTurn extends CallPool.Turn {
    private final Ending ending;

    EndingTurn(Ending ending) {
      super(work.pool());
      this.ending = ending;
    }

    @Override
    void work() {
      try {
        ending.run(this);
      } catch (CallPool.AbandonedException e) {
        return;
      } catch (Ending.LeaseHeldException e) {
        synchronized (Endings.this) {
          ending.waitUntil(System.nanoTime() + LEASE_PAUSE.toNanos());
        }
        return;
      } catch (IOException | RuntimeException e) {
        failed(ending, e);
        return;
      }
      done(ending);
    }

    @Override
    void abandoned(String message) {
      failed(ending, message);
    }
  }
}
