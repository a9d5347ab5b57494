/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Metrics;
import io.millrace.api.SinkContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** What a sink under test is built with. Safe for many threads. */
final class ToyContext implements SinkContext, Metrics {
  private final String name;
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  ToyContext(String name) {
    this.name = name;
  }

  long value(String metric) {
    LongSupplier gauge = gauges.get(metric);
    return gauge != null
        ? gauge.getAsLong()
        : counters.computeIfAbsent(metric, m -> new AtomicLong()).get();
  }

  @Override
  public String agent() {
    return "a1";
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int batchSize() {
    return 100;
  }

  @Override
  public Metrics metrics() {
    return this;
  }

  @Override
  public ThreadFactory threads(String role) {
    return task -> {
      Thread thread = new Thread(task, "a1/sink/" + name + "/" + role);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public Counter counter(String metric) {
    AtomicLong count = counters.computeIfAbsent(metric, m -> new AtomicLong());
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
  public void gauge(String metric, LongSupplier value) {
    gauges.put(metric, value);
  }

  @Override
  public Distribution distribution(String metric) {
    return value -> counter(metric + "Count").increment();
  }
}
