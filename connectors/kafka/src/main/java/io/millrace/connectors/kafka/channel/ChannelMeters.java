/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.Metrics;
import io.millrace.connectors.kafka.client.Commits;
import io.millrace.connectors.kafka.client.MillisCounter;

/** The channel's own counters, with Flume's names where Flume has them. Safe for many threads. */
final class ChannelMeters {
  private final MillisCounter gets;
  private final MillisCounter sends;
  private final Commits.Meters commits;
  private final Metrics.Counter rollbacks;
  private final Metrics.Counter undecodable;
  private final Metrics.Counter badPartitions;
  private final Metrics.Counter readFailures;
  private final Metrics.Counter rebalances;

  ChannelMeters(Metrics metrics) {
    gets = new MillisCounter(metrics.counter("KafkaEventGetTimer"));
    sends = new MillisCounter(metrics.counter("KafkaEventSendTimer"));
    commits = new Commits.Meters(metrics);
    rollbacks = metrics.counter("RollbackCount");
    undecodable = metrics.counter("EventUndecodableCount");
    badPartitions = metrics.counter("EventBadPartitionCount");
    readFailures = metrics.counter("EventTakeErrorCount");
    rebalances = metrics.counter("KafkaRebalanceCount");
  }

  void polled(long nanos) {
    gets.add(nanos);
  }

  void sent(long nanos) {
    sends.add(nanos);
  }

  Commits.Meters commits() {
    return commits;
  }

  void rolledBack() {
    rollbacks.increment();
  }

  void undecodable() {
    undecodable.increment();
  }

  void badPartition() {
    badPartitions.increment();
  }

  void readFailed() {
    readFailures.increment();
  }

  void rebalanced() {
    rebalances.increment();
  }
}
