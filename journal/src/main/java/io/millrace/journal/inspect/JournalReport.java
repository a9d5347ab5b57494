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
 * @param copying what the directories say of second copies
 */
public record JournalReport(
    Optional<UUID> journalId,
    boolean isInUse,
    boolean isCheckpointKnown,
    List<LaneReport> lanes,
    List<AbsentLane> absentLanes,
    List<Obstacle> obstacles,
    List<Damage> damages,
    Copying copying) {

  public JournalReport {
    lanes = List.copyOf(lanes);
    absentLanes = List.copyOf(absentLanes);
    obstacles = List.copyOf(obstacles);
    damages = List.copyOf(damages);
  }

  public long waitingRecords() {
    return lanes.stream().mapToLong(LaneReport::waitingRecords).sum();
  }

  /** Where the second copies of lanes are. */
  public enum Copying {
    /** There are none. */
    SINGLE,
    /** Each in the next of the directories, as a start with two copies expects. */
    PAIRED,
    /** Elsewhere, or a directory of the ring was not named. */
    UNCLEAR
  }
}
