/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.EventBatch;
import io.millrace.api.Metrics;
import io.millrace.api.Origin;
import io.millrace.api.Output;
import io.millrace.api.SinkContext;
import io.millrace.api.SourceContext;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** What the engine gives, with an output that keeps what it gets. Safe for many threads. */
final class ToyContext implements SourceContext, SinkContext, Output, Metrics {
  static final long MAX_BATCH_BYTES = 1 << 20;

  final List<EventBatch> emitted = new CopyOnWriteArrayList<>();

  final List<Origin> origins = new CopyOnWriteArrayList<>();

  /** What {@link #emit} returns. */
  volatile Function<EventBatch, CompletableFuture<Void>> onEmit =
      batch -> CompletableFuture.completedFuture(null);

  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();

  long value(String name) {
    LongSupplier gauge = gauges.get(name);
    return gauge != null ? gauge.getAsLong() : counters.get(name).get();
  }

  @Override
  public String agent() {
    return "agent";
  }

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public Metrics metrics() {
    return this;
  }

  @Override
  public ThreadFactory threads(String role) {
    return task -> {
      Thread thread = new Thread(task, "agent/toy/" + role);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public int batchSize() {
    return 100;
  }

  @Override
  public Output output() {
    return this;
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch, Origin origin) {
    origins.add(origin);
    return emit(batch);
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch) {
    emitted.add(batch);
    return onEmit.apply(batch);
  }

  @Override
  public long maxBatchBytes() {
    return MAX_BATCH_BYTES;
  }

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
  public Distribution distribution(String name) {
    return value -> counter(name + "Count").increment();
  }

  @Override
  public void gauge(String name, LongSupplier value) {
    gauges.put(name, value);
  }
}
