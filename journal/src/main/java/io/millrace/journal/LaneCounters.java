/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.concurrent.atomic.AtomicLong;

/** Counts of one lane. Safe for use by several threads. */
final class LaneCounters {
  final AtomicLong pendingRecords = new AtomicLong();
  final AtomicLong appendedFrames = new AtomicLong();
  final AtomicLong appendedRecords = new AtomicLong();
  final AtomicLong appendedBytes = new AtomicLong();
  final AtomicLong storedBytes = new AtomicLong();
  final AtomicLong acknowledgedRecords = new AtomicLong();
  final AtomicLong groups = new AtomicLong();
  final AtomicLong syncs = new AtomicLong();
  final AtomicLong syncNanosTotal = new AtomicLong();
  final AtomicLong syncNanosMax = new AtomicLong();
  final AtomicLong condemnedSegments = new AtomicLong();
  final AtomicLong quarantinedFrames = new AtomicLong();
  final AtomicLong lostRecords = new AtomicLong();
  final AtomicLong damagedNotes = new AtomicLong();
  final AtomicLong refusedAppends = new AtomicLong();
  final AtomicLong checkpoints = new AtomicLong();
  final AtomicLong coldFrames = new AtomicLong();

  void countSync(long nanos) {
    syncs.incrementAndGet();
    syncNanosTotal.addAndGet(nanos);
    syncNanosMax.accumulateAndGet(nanos, Math::max);
  }
}
