/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Counters and gauges that a test can read. Safe for many threads. */
public final class ToyCounters implements Metrics {
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name) {
    return counters.computeIfAbsent(
        name,
        key ->
            new Counter() {
              private final AtomicLong value = new AtomicLong();

              @Override
              public void add(long amount) {
                value.addAndGet(amount);
              }

              @Override
              public long value() {
                return value.get();
              }
            });
  }

  @Override
  public void gauge(String name, LongSupplier value) {
    gauges.put(name, value);
  }

  /** Value of the counter or gauge. */
  public long value(String name) {
    LongSupplier gauge = gauges.get(name);
    return gauge != null ? gauge.getAsLong() : counter(name).value();
  }
}
