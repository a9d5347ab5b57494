/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.Metrics;
import java.util.concurrent.TimeUnit;

/** The source's counters, with Flume's names where Flume has them. Safe for many threads. */
final class SourceMeters {
  private final Metrics.Counter getMillis;
  private final Metrics.Counter commitMillis;
  private final Metrics.Counter emptyPolls;
  private final Metrics.Counter readFailures;
  private final Metrics.Counter undecodable;
  private final Metrics.Counter rejected;
  private final Metrics.Counter refusedBatches;
  private final Metrics.Counter commitFailures;
  private final Metrics.Counter rebalances;
  private long getNanos;
  private long commitNanos;

  SourceMeters(Metrics metrics) {
    getMillis = metrics.counter("KafkaEventGetTimer");
    commitMillis = metrics.counter("KafkaCommitTimer");
    emptyPolls = metrics.counter("KafkaEmptyCount");
    readFailures = metrics.counter("EventReadFail");
    undecodable = metrics.counter("EventUndecodableCount");
    rejected = metrics.counter("EventsRejected");
    refusedBatches = metrics.counter("BatchRefusedCount");
    commitFailures = metrics.counter("KafkaCommitFailCount");
    rebalances = metrics.counter("KafkaRebalanceCount");
  }

  synchronized void polled(long nanos, boolean isEmpty) {
    getNanos = addMillis(getMillis, getNanos + nanos);
    if (isEmpty) {
      emptyPolls.increment();
    }
  }

  synchronized void committed(long nanos) {
    commitNanos = addMillis(commitMillis, commitNanos + nanos);
  }

  /** Adds whole milliseconds; the rest. */
  private static long addMillis(Metrics.Counter counter, long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    counter.add(millis);
    return nanos - TimeUnit.MILLISECONDS.toNanos(millis);
  }

  void readFailed() {
    readFailures.increment();
  }

  void undecodable() {
    undecodable.increment();
  }

  void rejected(int events) {
    rejected.add(events);
  }

  void refused() {
    refusedBatches.increment();
  }

  void commitFailed() {
    commitFailures.increment();
  }

  void rebalanced() {
    rebalances.increment();
  }
}
