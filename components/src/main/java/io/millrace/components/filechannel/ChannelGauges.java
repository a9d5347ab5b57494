/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.Metrics;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.journal.Journal;
import io.millrace.journal.JournalStatistics;
import io.millrace.journal.LaneState;
import io.millrace.journal.LaneStatistics;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** What a file channel shows of itself and of its journal. Immutable. */
final class ChannelGauges {
  private final Metrics metrics;

  /** Null before the channel has started. */
  private final Supplier<Journal> journal;

  private final int copies;

  private ChannelGauges(Metrics metrics, Supplier<Journal> journal, int copies) {
    this.metrics = metrics;
    this.copies = copies;
    this.journal = journal;
  }

  static void publish(
      Metrics metrics,
      AdmissionGate gate,
      FileChannelOptions options,
      LongSupplier pendingEvents,
      Supplier<Journal> journal,
      BooleanSupplier isOpen) {
    metrics.gauge("Open", () -> isOpen.getAsBoolean() ? 1 : 0);
    metrics.gauge("Closed", () -> isOpen.getAsBoolean() ? 0 : 1);
    metrics.gauge("Unhealthy", () -> isOpen.getAsBoolean() && journal.get().isAccepting() ? 0 : 1);
    metrics.gauge("AppendsWaiting", gate::waitingAppends);
    metrics.gauge("AppendBytesWaiting", gate::waitingBytes);
    metrics.gauge("AppendEventsInSync", pendingEvents);
    metrics.gauge("ReserveBytes", options::reserveBytes);
    metrics.gauge("DiskBytesFree", new FreeSpace(options.dataDirs(), System::nanoTime)::leastBytes);
    new ChannelGauges(metrics, journal, options.copies()).publishJournal();
  }

  private void publishJournal() {
    of("Lanes", statistics -> statistics.lanes().size());
    of("LanesServing", ChannelGauges::serving);
    of("DirectoriesUnusable", JournalStatistics::unusableDirectories);
    of("EventMissingCount", JournalStatistics::absentRecords);
    of("CopiesMissing", this::copiesMissing);
    total("BytesToCopy", LaneStatistics::bytesToCopy);
    of("RecoveryMillis", ChannelGauges::recoveryMillis);
    total("SegmentCount", LaneStatistics::segmentCount);
    total("SegmentSpareCount", LaneStatistics::spareSegmentCount);
    total("SegmentCondemnedCount", LaneStatistics::condemnedSegments);
    total("FrameQuarantinedCount", LaneStatistics::quarantinedFrames);
    total("FrameColdReadCount", LaneStatistics::coldFrames);
    total("SyncCount", LaneStatistics::syncCount);
    total("SyncNanosTotal", LaneStatistics::syncNanosTotal);
    total("BytesAppended", LaneStatistics::appendedBytes);
    total("BytesStored", LaneStatistics::storedBytes);
    total("BytesQueued", LaneStatistics::queuedBytes);
    total("BytesCached", LaneStatistics::tailCacheBytes);
    total("AppendInDoubtCount", LaneStatistics::inDoubtAppends);
    total("CheckpointCount", LaneStatistics::checkpointCount);
  }

  private void of(String name, ToLongFunction<JournalStatistics> figure) {
    metrics.gauge(
        name,
        () -> {
          Journal open = journal.get();
          return open == null ? 0 : figure.applyAsLong(open.statistics());
        });
  }

  private void total(String name, ToLongFunction<LaneStatistics> figure) {
    of(name, statistics -> statistics.total(figure));
  }

  private static long serving(JournalStatistics statistics) {
    return statistics.lanes().stream().filter(lane -> lane.state() == LaneState.SERVING).count();
  }

  /** Lanes with fewer copies than there should be. */
  private long copiesMissing(JournalStatistics statistics) {
    return statistics.lanes().stream().filter(lane -> lane.copiesInSync() < copies).count();
  }

  /** Lanes recover one after the other. */
  private static long recoveryMillis(JournalStatistics statistics) {
    return TimeUnit.NANOSECONDS.toMillis(statistics.total(LaneStatistics::recoveryNanos));
  }
}
