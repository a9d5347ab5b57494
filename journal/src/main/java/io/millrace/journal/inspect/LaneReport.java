/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.mirror.StoredCopies;
import io.millrace.journal.recovery.Repair;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One data directory. Immutable.
 *
 * @param laneIndex -1 if the directory can't be used
 * @param trouble why it can't be used, else empty
 * @param lowWater every sequence below it is acknowledged
 * @param waitingRecords that the next start hands out, unless it finds them damaged when it reads
 * @param repairs what the next start does by itself
 * @param unfinishedRecords in the write at the end that did not complete
 * @param damages seen without reading every frame
 * @param copies empty if the lane has one only
 */
public record LaneReport(
    Path directory,
    int laneIndex,
    State state,
    String trouble,
    long lowWater,
    long nextSequence,
    long waitingRecords,
    List<SegmentReport> segments,
    List<FileReport> ackFiles,
    List<CheckpointReport> checkpoints,
    List<FileReport> quarantined,
    List<FileReport> unfinished,
    long usableBytes,
    List<Repair> repairs,
    long unfinishedRecords,
    List<Damage> damages,
    Optional<StoredCopies> copies) {

  public LaneReport {
    segments = List.copyOf(segments);
    ackFiles = List.copyOf(ackFiles);
    checkpoints = List.copyOf(checkpoints);
    quarantined = List.copyOf(quarantined);
    unfinished = List.copyOf(unfinished);
    repairs = List.copyOf(repairs);
    damages = List.copyOf(damages);
  }

  static LaneReport unusable(Path directory, State state, String trouble) {
    return new LaneReport(
        directory,
        -1,
        state,
        trouble,
        0,
        0,
        0,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        -1,
        List.of(),
        0,
        List.of(),
        Optional.empty());
  }

  public boolean isUsable() {
    return state == State.USABLE || state == State.NEW;
  }

  /** Whether the directory can serve. */
  public enum State {
    USABLE,
    /** Holds nothing of a journal yet. */
    NEW,
    /** Is not there. */
    MISSING,
    /** Can't be read. */
    UNREADABLE,
    /** Is of another journal, or a lane that another directory is too. */
    FOREIGN,
    /** A later version of Millrace wrote it. */
    NEWER
  }
}
