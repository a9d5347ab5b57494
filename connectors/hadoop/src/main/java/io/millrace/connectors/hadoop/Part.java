/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventBatch;

/**
 * Events of one delivery that go into one file: {@code [from, to)} of the batch. Immutable.
 *
 * @param indexes where the batch's events were in the delivery; null when the batch is all of it
 * @param failedNanos when writing it failed first; 0 if it did not
 */
record Part(InFlight flight, EventBatch batch, int[] indexes, int from, int to, long failedNanos) {
  Part(InFlight flight, EventBatch batch, int[] indexes) {
    this(flight, batch, indexes, 0, batch.eventCount(), 0);
  }

  /** Index in the delivery of event {@code i} of the batch. */
  int index(int i) {
    return indexes == null ? i : indexes[i];
  }

  Part between(int newFrom, int newTo) {
    return new Part(flight, batch, indexes, newFrom, newTo, failedNanos);
  }

  Part failed(long nanos) {
    return failedNanos != 0 ? this : new Part(flight, batch, indexes, from, to, nanos);
  }

  /** What of the delivery's bytes it is, roughly. */
  long bytes() {
    return batch.encodedBytes();
  }
}
