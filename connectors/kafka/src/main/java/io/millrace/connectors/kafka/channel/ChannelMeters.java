/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.Metrics;
import java.util.concurrent.TimeUnit;

/** The channel's own counters, with Flume's names where Flume has them. Safe for many threads. */
final class ChannelMeters {
  private final Timer gets;
  private final Timer sends;
  private final Timer commits;
  private final Metrics.Counter rollbacks;
  private final Metrics.Counter undecodable;
  private final Metrics.Counter badPartitions;
  private final Metrics.Counter commitFailures;
  private final Metrics.Counter readFailures;
  private final Metrics.Counter rebalances;

  ChannelMeters(Metrics metrics) {
    gets = new Timer(metrics.counter("KafkaEventGetTimer"));
    sends = new Timer(metrics.counter("KafkaEventSendTimer"));
    commits = new Timer(metrics.counter("KafkaCommitTimer"));
    rollbacks = metrics.counter("RollbackCount");
    undecodable = metrics.counter("EventUndecodableCount");
    badPartitions = metrics.counter("EventBadPartitionCount");
    commitFailures = metrics.counter("KafkaCommitFailCount");
    readFailures = metrics.counter("EventTakeErrorCount");
    rebalances = metrics.counter("KafkaRebalanceCount");
  }

  void polled(long nanos) {
    gets.add(nanos);
  }

  void sent(long nanos) {
    sends.add(nanos);
  }

  void committed(long nanos) {
    commits.add(nanos);
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

  void commitFailed() {
    commitFailures.increment();
  }

  void readFailed() {
    readFailures.increment();
  }

  void rebalanced() {
    rebalances.increment();
  }

  /** Milliseconds, summed up from nanoseconds without losing the rests. */
  private static final class Timer {
    private final Metrics.Counter millis;
    private long restNanos;

    Timer(Metrics.Counter millis) {
      this.millis = millis;
    }

    synchronized void add(long nanos) {
      long sum = restNanos + nanos;
      long whole = TimeUnit.NANOSECONDS.toMillis(sum);
      millis.add(whole);
      restNanos = sum - TimeUnit.MILLISECONDS.toNanos(whole);
    }
  }
}
