/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Keeps a repeated log line to a bounded rate: passes once an interval and counts what it held
 * back. Safe for many threads.
 *
 * @since 0.1
 */
public final class Throttle {
  private final long intervalNanos;
  private final LongSupplier nanoClock;
  private final AtomicLong nextNanos;
  private final AtomicLong suppressed = new AtomicLong();

  public Throttle(Duration interval) {
    this(interval, System::nanoTime);
  }

  Throttle(Duration interval, LongSupplier nanoClock) {
    this.intervalNanos = interval.toNanos();
    this.nanoClock = nanoClock;
    this.nextNanos = new AtomicLong(nanoClock.getAsLong());
  }

  /**
   * Whether to speak now: the number of calls held back since it last said so, or -1 to stay
   * silent.
   */
  public long tryPass() {
    long now = nanoClock.getAsLong();
    long next = nextNanos.get();
    if (now - next >= 0 && nextNanos.compareAndSet(next, now + intervalNanos)) {
      return suppressed.getAndSet(0);
    }
    suppressed.incrementAndGet();
    return -1;
  }
}
