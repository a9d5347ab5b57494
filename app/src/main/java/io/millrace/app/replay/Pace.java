/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets so many events a second go, and no more after a pause. Confined to one thread. */
final class Pace {
  /** Sleeps; a test has a clock of its own. */
  @FunctionalInterface
  interface Sleeper {
    void sleepNanos(long nanos) throws InterruptedException;
  }

  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Parts of a second in which a full batch should go, so that the flow is even. */
  private static final int BATCHES_A_SECOND = 10;

  private final long eventsPerSecond;
  private final LongSupplier nanoClock;
  private final Sleeper sleeper;
  private long nextNanos;

  /**
   * @param eventsPerSecond 0 for no limit
   */
  Pace(long eventsPerSecond, LongSupplier nanoClock, Sleeper sleeper) {
    this.eventsPerSecond = eventsPerSecond;
    this.nanoClock = nanoClock;
    this.sleeper = sleeper;
    this.nextNanos = nanoClock.getAsLong();
  }

  static Pace of(long eventsPerSecond) {
    return new Pace(eventsPerSecond, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  /** Most events of a batch, given that most of a call. */
  int batchSize(int mostEvents) {
    return eventsPerSecond == 0
        ? mostEvents
        : (int) Math.max(1, Math.min(mostEvents, eventsPerSecond / BATCHES_A_SECOND));
  }

  /** Waits until that many events may go. */
  void await(int events) throws InterruptedException {
    if (eventsPerSecond == 0) {
      return;
    }
    long now = nanoClock.getAsLong();
    if (nextNanos - now > 0) {
      sleeper.sleepNanos(nextNanos - now);
    } else {
      nextNanos = now;
    }
    nextNanos += (long) ((double) events / eventsPerSecond * SECOND_NANOS);
  }
}
