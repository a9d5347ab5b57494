/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Metrics;
import io.millrace.api.Output;
import io.millrace.api.SourceContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** What a source under test is built with, and the channels behind it. Safe for many threads. */
final class Toy implements SourceContext, Output, Metrics {
  record Event(Map<String, String> headers, String body) {}

  private final List<Event> events = new ArrayList<>();
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final Map<String, LongSupplier> gauges = new ConcurrentHashMap<>();
  private volatile Function<EventBatch, CompletableFuture<Void>> before = batch -> null;
  private volatile long maxBatchBytes = 1 << 20;

  /** From now on batches get this answer; null for being taken. */
  void answer(Function<EventBatch, CompletableFuture<Void>> answer) {
    before = answer;
  }

  void takeAll() {
    before = batch -> null;
  }

  void maxBatchBytes(long bytes) {
    maxBatchBytes = bytes;
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch) {
    CompletableFuture<Void> answer = before.apply(batch);
    if (answer != null) {
      return answer;
    }
    synchronized (events) {
      for (EventView event : batch) {
        events.add(new Event(event.headers(), event.bodyText()));
      }
    }
    return CompletableFuture.completedFuture(null);
  }

  List<Event> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  List<String> bodies() {
    return events().stream().map(Event::body).toList();
  }

  long value(String name) {
    LongSupplier gauge = gauges.get(name);
    return gauge != null
        ? gauge.getAsLong()
        : counters.computeIfAbsent(name, n -> new AtomicLong()).get();
  }

  @Override
  public long maxBatchBytes() {
    return maxBatchBytes;
  }

  @Override
  public Output output() {
    return this;
  }

  @Override
  public String agent() {
    return "a1";
  }

  @Override
  public String name() {
    return "mq";
  }

  @Override
  public Metrics metrics() {
    return this;
  }

  @Override
  public ThreadFactory threads(String role) {
    return task -> {
      Thread thread = new Thread(task, "a1/source/mq/" + role);
      thread.setDaemon(true);
      return thread;
    };
  }

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
}
