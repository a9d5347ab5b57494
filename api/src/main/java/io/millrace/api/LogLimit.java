/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Lets one line of a kind through per interval and counts the others, so that the next line can say
 * how many there were:
 *
 * <pre>
 *   if (limit.allows()) {
 *     log.warn("... ({} more such lines were left out)", limit.takeLeftOut());
 *   }
 * </pre>
 *
 * <p>Guarded by {@code this}.
 *
 * @since 0.1
 */
public final class LogLimit {
  private final long intervalNanos;
  private final LongSupplier nanoTime;
  private boolean isUsed;
  private long lastNanos;
  private long leftOut;

  public LogLimit(Duration interval) {
    this(interval, System::nanoTime);
  }

  public LogLimit(Duration interval, LongSupplier nanoTime) {
    this.intervalNanos = interval.toNanos();
    this.nanoTime = Objects.requireNonNull(nanoTime);
  }

  /** Whether a line may be written now; counts it as left out when not. */
  public synchronized boolean allows() {
    long now = nanoTime.getAsLong();
    if (isUsed && now - lastNanos < intervalNanos) {
      leftOut++;
      return false;
    }
    isUsed = true;
    lastNanos = now;
    return true;
  }

  /** Lines left out since the last call. */
  public synchronized long takeLeftOut() {
    long taken = leftOut;
    leftOut = 0;
    return taken;
  }
}
