/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.api.Metrics;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Metrics that a test can read. Safe for many threads. */
final class RecordingMetrics implements Metrics {
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  @Override
  public Counter counter(String name) {
    AtomicLong value = counters.computeIfAbsent(name, n -> new AtomicLong());
    return new Counter() {
      @Override
      public void add(long amount) {
        value.addAndGet(amount);
      }

      @Override
      public long value() {
        return value.get();
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

  /** Value of a counter or gauge. */
  long value(String name) {
    LongSupplier gauge = gauges.get(name);
    return gauge != null ? gauge.getAsLong() : counters.get(name).get();
  }
}
