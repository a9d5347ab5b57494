/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Figures of a journal. Immutable.
 *
 * @param lanes those in service, by index
 * @param unusableDirectories data directories that are set aside since they cannot be opened
 * @param absentRecords records of lanes without a directory, as their last checkpoints have it
 * @since 0.1
 */
public record JournalStatistics(
    List<LaneStatistics> lanes, int unusableDirectories, long absentRecords) {
  public JournalStatistics {
    lanes = List.copyOf(lanes);
  }

  /** {@code total(LaneStatistics::syncCount)} */
  public long total(ToLongFunction<LaneStatistics> figure) {
    return lanes.stream().mapToLong(figure).sum();
  }

  public double meanSyncNanos() {
    long syncs = total(LaneStatistics::syncCount);
    return syncs == 0 ? 0 : (double) total(LaneStatistics::syncNanosTotal) / syncs;
  }

  public double meanGroupRecords() {
    long groups = total(LaneStatistics::groupCount);
    return groups == 0 ? 0 : (double) total(LaneStatistics::appendedRecords) / groups;
  }
}
