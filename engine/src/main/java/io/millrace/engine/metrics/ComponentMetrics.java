/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import io.millrace.api.Metrics;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The metrics of one component. Safe for many threads. */
public final class ComponentMetrics implements Metrics {
  private final MetricKind kind;
  private final String component;
  private final Map<String, AdderCounter> counters = new ConcurrentHashMap<>();
  private final Map<String, Supplier<Number>> gauges = new ConcurrentHashMap<>();
  private final Map<String, RecentDistribution> distributions = new ConcurrentHashMap<>();

  /** What of the distributions is shown where there are only numbers. */
  private final Map<String, Supplier<Number>> distributionFigures = new ConcurrentHashMap<>();

  private volatile long startTimeMillis;
  private volatile long stopTimeMillis;

  ComponentMetrics(MetricKind kind, String component) {
    this.kind = kind;
    this.component = component;
    kind.counters().forEach(this::counter);
    gauges.put("StartTime", () -> startTimeMillis);
    gauges.put("StopTime", () -> stopTimeMillis);
    if (kind == MetricKind.SOURCE) {
      gauge("OpenConnectionCount", () -> 0);
    }
  }

  public MetricKind kind() {
    return kind;
  }

  public String component() {
    return component;
  }

  /** Key of this component in the JSON document, such as {@code CHANNEL.c1}. */
  public String key() {
    return kind + "." + component;
  }

  @Override
  public Counter counter(String name) {
    return counters.computeIfAbsent(name, ignored -> new AdderCounter());
  }

  @Override
  public void gauge(String name, LongSupplier value) {
    gauges.put(name, value::getAsLong);
  }

  @Override
  public Distribution distribution(String name) {
    return distributions.computeIfAbsent(name, this::publishedDistribution);
  }

  private RecentDistribution publishedDistribution(String name) {
    RecentDistribution distribution = new RecentDistribution(System::nanoTime);
    distributionFigures.put(name + "Count", distribution::count);
    distributionFigures.put(name + "P50", () -> distribution.percentile(50));
    distributionFigures.put(name + "P99", () -> distribution.percentile(99));
    distributionFigures.put(name + "Max", () -> distribution.percentile(100));
    return distribution;
  }

  /** A gauge that is not a whole number. */
  public void doubleGauge(String name, DoubleSupplier value) {
    gauges.put(name, value::getAsDouble);
  }

  /** Notes when the component started. */
  public void started(long epochMillis) {
    startTimeMillis = epochMillis;
    stopTimeMillis = 0;
  }

  /** Notes when the component stopped. */
  public void stopped(long epochMillis) {
    stopTimeMillis = epochMillis;
  }

  /** Every value now, by name: {@code Long}, {@code Double}, and the {@code Type} as text. */
  public Map<String, Object> values() {
    Map<String, Object> values = new TreeMap<>();
    counters.forEach((name, counter) -> values.put(name, counter.value()));
    gauges.forEach((name, gauge) -> values.put(name, gauge.get()));
    distributionFigures.forEach((name, figure) -> values.put(name, figure.get()));
    values.put("Type", kind.name());
    return values;
  }

  /** Shows every metric once, in the order of their names. */
  public void visit(MetricVisitor visitor) {
    new TreeMap<>(counters).forEach((name, counter) -> visitor.counter(name, counter.value()));
    new TreeMap<>(gauges).forEach(visitor::gauge);
    new TreeMap<>(distributions)
        .forEach((name, distribution) -> visitor.distribution(name, distribution.summary()));
  }

  /** One value, or null when there is none of that name. */
  public Object value(String name) {
    AdderCounter counter = counters.get(name);
    if (counter != null) {
      return counter.value();
    }
    Supplier<Number> gauge = gauges.getOrDefault(name, distributionFigures.get(name));
    if (gauge != null) {
      return gauge.get();
    }
    return name.equals("Type") ? kind.name() : null;
  }

  private static final class AdderCounter implements Counter {
    private final LongAdder adder = new LongAdder();

    @Override
    public void add(long amount) {
      adder.add(amount);
    }

    @Override
    public long value() {
      return adder.sum();
    }
  }
}
