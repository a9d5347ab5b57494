/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Figures of one lane since it was opened; counts only grow. Immutable.
 *
 * @param recordCount durable and not yet acknowledged, leased ones included
 * @param queuedBytes payload bytes that wait to be written
 * @param inDoubtAppends written but not known to be synced, waiting for a working disk
 * @param appendedBytes of payloads, as they were handed in
 * @param storedBytes of the same, packed and sealed
 * @param groupCount group commits
 * @param syncNanosTotal time spent in syncs of segments
 * @param segmentCount live segments
 * @param lostRecords reported missing, at recovery or since
 * @param damagedNotes notes and digests that could not be read when the lane was opened
 * @param copiesInSync copies of the data directory that hold everything
 * @param bytesToCopy what a copy that is being brought up to date still lacks
 * @since 0.1
 */
public record LaneStatistics(
    int laneIndex,
    LaneState state,
    long recordCount,
    long nextSequence,
    long queuedBytes,
    long inDoubtAppends,
    long appendedFrames,
    long appendedRecords,
    long appendedBytes,
    long storedBytes,
    long acknowledgedRecords,
    long groupCount,
    long syncCount,
    long syncNanosTotal,
    long syncNanosMax,
    int segmentCount,
    int spareSegmentCount,
    long condemnedSegments,
    long quarantinedFrames,
    long lostRecords,
    long damagedNotes,
    long refusedAppends,
    long checkpointCount,
    long coldFrames,
    long tailCacheBytes,
    long recoveryNanos,
    int copiesInSync,
    long bytesToCopy) {}
