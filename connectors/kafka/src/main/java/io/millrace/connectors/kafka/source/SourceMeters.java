/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.Metrics;
import io.millrace.connectors.kafka.client.Commits;
import io.millrace.connectors.kafka.client.MillisCounter;

/** The source's counters, with Flume's names where Flume has them. Safe for many threads. */
final class SourceMeters {
  private final MillisCounter gets;
  private final Commits.Meters commits;
  private final Metrics.Counter emptyPolls;
  private final Metrics.Counter readFailures;
  private final Metrics.Counter undecodable;
  private final Metrics.Counter rejected;
  private final Metrics.Counter refusedBatches;
  private final Metrics.Counter rebalances;

  SourceMeters(Metrics metrics) {
    gets = new MillisCounter(metrics.counter("KafkaEventGetTimer"));
    commits = new Commits.Meters(metrics);
    emptyPolls = metrics.counter("KafkaEmptyCount");
    readFailures = metrics.counter("EventReadFail");
    undecodable = metrics.counter("EventUndecodableCount");
    rejected = metrics.counter("EventsRejected");
    refusedBatches = metrics.counter("BatchRefusedCount");
    rebalances = metrics.counter("KafkaRebalanceCount");
  }

  void polled(long nanos, boolean isEmpty) {
    gets.add(nanos);
    if (isEmpty) {
      emptyPolls.increment();
    }
  }

  Commits.Meters commits() {
    return commits;
  }

  void readFailed() {
    readFailures.increment();
  }

  void undecodable() {
    undecodable.increment();
  }

  void rejected() {
    rejected.increment();
  }

  void refused() {
    refusedBatches.increment();
  }

  void rebalanced() {
    rebalances.increment();
  }
}
