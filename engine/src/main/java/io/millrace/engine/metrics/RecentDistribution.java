/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import io.millrace.api.Metrics;
import java.util.function.LongSupplier;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Percentiles of the last half to whole minute, in two windows of half a minute that take turns, so
 * that an old peak does not hide what happens now. Values to two significant digits. Safe for many
 * threads: recording takes no lock.
 */
final class RecentDistribution implements Metrics.Distribution {
  private static final int DIGITS = 2;
  private static final long WINDOW_NANOS = 30_000_000_000L;

  private final Recorder recorder = new Recorder(DIGITS);
  private final LongSupplier nanoClock;
  private Histogram before = new Histogram(DIGITS);
  private Histogram now = new Histogram(DIGITS);
  private Histogram reused;
  private long windowAtNanos;
  private long count;
  private double sum;

  RecentDistribution(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.windowAtNanos = nanoClock.getAsLong();
  }

  @Override
  public void record(long value) {
    recorder.recordValue(Math.max(0, value));
  }

  /** How many values there were ever. */
  synchronized long count() {
    advance();
    return count;
  }

  /** The value that so many percent of the recent ones don't exceed; 0 when there are none. */
  synchronized long percentile(double percent) {
    advance();
    Histogram recent = now.copy();
    recent.add(before);
    return recent.getTotalCount() == 0 ? 0 : recent.getValueAtPercentile(percent);
  }

  /** All at once. */
  synchronized DistributionSummary summary() {
    advance();
    Histogram recent = now.copy();
    recent.add(before);
    boolean isQuiet = recent.getTotalCount() == 0;
    return new DistributionSummary(
        count,
        sum,
        isQuiet ? 0 : recent.getValueAtPercentile(50),
        isQuiet ? 0 : recent.getValueAtPercentile(99),
        isQuiet ? 0 : recent.getMaxValue());
  }

  private void advance() {
    reused = recorder.getIntervalHistogram(reused);
    count += reused.getTotalCount();
    sum += reused.getMean() * reused.getTotalCount();
    long nanos = nanoClock.getAsLong();
    if (nanos - windowAtNanos >= WINDOW_NANOS) {
      boolean isLongAgo = nanos - windowAtNanos >= 2 * WINDOW_NANOS;
      before = isLongAgo ? new Histogram(DIGITS) : now;
      now = new Histogram(DIGITS);
      windowAtNanos = nanos;
    }
    now.add(reused);
  }
}
