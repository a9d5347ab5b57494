/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import io.millrace.api.Metrics;
import java.util.concurrent.TimeUnit;

/** Counts whole milliseconds of times in nanoseconds, without losing the rests. Thread-safe. */
public final class MillisCounter {
  private final Metrics.Counter millis;
  private long restNanos;

  public MillisCounter(Metrics.Counter millis) {
    this.millis = millis;
  }

  public synchronized void add(long nanos) {
    long sum = restNanos + nanos;
    long whole = TimeUnit.NANOSECONDS.toMillis(sum);
    millis.add(whole);
    restNanos = sum - TimeUnit.MILLISECONDS.toNanos(whole);
  }
}
