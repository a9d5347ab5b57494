/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import java.util.List;

/**
 * The kinds of component that publish metrics, each with the counters that Flume's beans of the
 * kind always show (behaviour of Flume 1.11).
 */
public enum MetricKind {
  SOURCE(
      "EventReceivedCount",
      "EventAcceptedCount",
      "AppendReceivedCount",
      "AppendAcceptedCount",
      "AppendBatchReceivedCount",
      "AppendBatchAcceptedCount",
      "EventReadFail",
      "ChannelWriteFail",
      "GenericProcessingFail"),
  CHANNEL(
      "EventPutAttemptCount",
      "EventPutSuccessCount",
      "EventTakeAttemptCount",
      "EventTakeSuccessCount"),
  SINK(
      "ConnectionCreatedCount",
      "ConnectionClosedCount",
      "ConnectionFailedCount",
      "BatchEmptyCount",
      "BatchUnderflowCount",
      "BatchCompleteCount",
      "EventDrainAttemptCount",
      "EventDrainSuccessCount",
      "EventWriteFail",
      "ChannelReadFail"),
  /** Flume has no bean for groups. */
  SINK_GROUP,
  /** The agent as a whole; Flume has none. */
  AGENT;

  private final List<String> counters;

  MetricKind(String... counters) {
    this.counters = List.of(counters);
  }

  /** The counters of the kind in Flume. */
  public List<String> counters() {
    return counters;
  }
}
