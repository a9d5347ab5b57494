/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Metrics;

/**
 * What the sink counts. Flume counts files as connections; its dashboards find them here. Immutable
 * and safe for many threads.
 */
record Counters(
    Metrics.Counter opened,
    Metrics.Counter closed,
    Metrics.Counter failed,
    Metrics.Counter recovered,
    Metrics.Counter discarded,
    Metrics.Counter closeRetries,
    Metrics.Counter replicaRolls,
    Metrics.Counter duplicates,
    Metrics.Counter withoutTime,
    Metrics.Counter bodyBytes,
    Metrics.Counter syncs) {
  static Counters of(Metrics metrics) {
    return new Counters(
        metrics.counter("ConnectionCreatedCount"),
        metrics.counter("ConnectionClosedCount"),
        metrics.counter("ConnectionFailedCount"),
        metrics.counter("FileRecoveredCount"),
        metrics.counter("FileDiscardedCount"),
        metrics.counter("CloseRetryCount"),
        metrics.counter("UnderReplicationRollCount"),
        metrics.counter("EventDuplicateCount"),
        metrics.counter("EventWithoutTimeCount"),
        metrics.counter("BytesCommittedCount"),
        metrics.counter("SyncCount"));
  }
}
