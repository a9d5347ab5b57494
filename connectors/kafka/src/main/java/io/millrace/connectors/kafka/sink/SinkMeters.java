/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Metrics;
import io.millrace.connectors.kafka.client.MillisCounter;

/** The sink's counters, with Flume's names where Flume has them. Safe for many threads. */
final class SinkMeters {
  private final MillisCounter sends;
  private final Metrics.Counter rollbacks;
  private final Metrics.Counter badTimestamps;
  private final Metrics.Counter transactions;
  private final Metrics.Counter duplicates;

  SinkMeters(Metrics metrics) {
    sends = new MillisCounter(metrics.counter("KafkaEventSendTimer"));
    rollbacks = metrics.counter("RollbackCount");
    badTimestamps = metrics.counter("EventBadTimestampCount");
    transactions = metrics.counter("KafkaTransactionCount");
    duplicates = metrics.counter("EventDuplicateCount");
  }

  void sent(long nanos) {
    sends.add(nanos);
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
