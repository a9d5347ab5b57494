/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What the directories of a journal hold. Immutable.
 *
 * @param isInUse somebody has the journal open: what is said here moves on
 * @param isCheckpointKnown whether a checkpoint directory was named and could be read
 * @param obstacles why a start would be refused; none if it would not
 */
public record JournalReport(
    Optional<UUID> journalId,
    boolean isInUse,
    boolean isCheckpointKnown,
    List<LaneReport> lanes,
    List<AbsentLane> absentLanes,
    List<Obstacle> obstacles,
    List<Damage> damages) {

  public JournalReport {
    lanes = List.copyOf(lanes);
    absentLanes = List.copyOf(absentLanes);
    obstacles = List.copyOf(obstacles);
    damages = List.copyOf(damages);
  }

  public long waitingRecords() {
    return lanes.stream().mapToLong(LaneReport::waitingRecords).sum();
  }
}
