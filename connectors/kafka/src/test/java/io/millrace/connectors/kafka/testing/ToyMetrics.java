/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.api.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Metrics that a test can read. Safe for many threads. */
public final class ToyMetrics implements Metrics {
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name) {
    AtomicLong count = counters.computeIfAbsent(name, n -> new AtomicLong());
    return new Counter() {
      @Override
      public void add(long amount) {
        count.addAndGet(amount);
      }

      @Override
      public long value() {
        return count.get();
      }
    };
  }

  @Override
  public void gauge(String name, LongSupplier value) {
    gauges.put(name, value);
  }

  @Override
  public Distribution distribution(String name) {
    return value -> counter(name + "Count").increment();
  }

  /** Value of the counter or gauge. */
  public long value(String name) {
    LongSupplier gauge = gauges.get(name);
    return gauge != null ? gauge.getAsLong() : counter(name).value();
  }
}
