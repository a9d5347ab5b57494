/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Metrics;
import java.util.concurrent.TimeUnit;

/** The sink's counters, with Flume's names where Flume has them. Safe for many threads. */
final class SinkMeters {
  private final Metrics.Counter sendMillis;
  private final Metrics.Counter rollbacks;
  private final Metrics.Counter badTimestamps;
  private final Metrics.Counter transactions;
  private final Metrics.Counter duplicates;
  private long sendNanos;

  SinkMeters(Metrics metrics) {
    sendMillis = metrics.counter("KafkaEventSendTimer");
    rollbacks = metrics.counter("RollbackCount");
    badTimestamps = metrics.counter("EventBadTimestampCount");
    transactions = metrics.counter("KafkaTransactionCount");
    duplicates = metrics.counter("EventDuplicateCount");
  }

  synchronized void sent(long nanos) {
    long sum = sendNanos + nanos;
    long millis = TimeUnit.NANOSECONDS.toMillis(sum);
    sendMillis.add(millis);
    sendNanos = sum - TimeUnit.MILLISECONDS.toNanos(millis);
  }

  void rolledBack() {
    rollbacks.increment();
  }

  void badTimestamp() {
    badTimestamps.increment();
  }

  void transaction() {
    transactions.increment();
  }

  void duplicates(int events) {
    duplicates.add(events);
  }
}
