/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Something that an operator should hear of. Immutable.
 *
 * @since 0.1
 */
public sealed interface JournalEvent {

  int laneIndex();

  /** A sentence or two for a log: what happened, where, what we did, and a code in brackets. */
  String message();

  /** A lane was opened. */
  record LaneRecovered(
      int laneIndex,
      String directory,
      long recordCount,
      long nextSequence,
      int segmentCount,
      long nanos)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + " at "
          + directory
          + " recovered in "
          + nanos / 1_000_000
          + " ms: "
          + recordCount
          + " records in "
          + segmentCount
          + " segments, next sequence "
          + nextSequence
          + ". [JOURNAL_RECOVERED]";
    }
  }

  /** Records are missing for good. They count as acknowledged. */
  record RecordsLost(
      int laneIndex, String where, long firstSequence, long endSequence, LossCause cause)
      implements JournalEvent {
    public long recordCount() {
      return endSequence - firstSequence;
    }

    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", "
          + where
          + ": "
          + recordCount()
          + " records (sequences "
          + firstSequence
          + "-"
          + (endSequence - 1)
          + ") are missing: "
          + cause.text()
          + "; delivery continues at "
          + endSequence
          + ". ["
          + cause.code()
          + "]";
    }
  }

  /** Why records are missing. */
  enum LossCause {
    DAMAGED_FRAMES("damaged after they were synced", "JOURNAL_FRAME_CORRUPT"),
    UNDECODABLE(
        "whole on the disk, but their key does not open them or they do not unpack",
        "JOURNAL_FRAME_UNDECODABLE"),
    UNFINISHED_WRITE(
        "bad frames in the last write before the stop, perhaps never acknowledged to their sender",
        "JOURNAL_WRITE_UNFINISHED"),
    MISSING_SEGMENT("the file that held them is not there", "JOURNAL_SEGMENT_MISSING");

    private final String text;
    private final String code;

    LossCause(String text, String code) {
      this.text = text;
      this.code = code;
    }

    String text() {
      return text;
    }

    String code() {
      return code;
    }
  }

  /** Bytes that are no valid frame were copied beside their segment, if {@code error} is null. */
  record BytesQuarantined(
      int laneIndex, String segment, long position, long endPosition, Exception error)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", segment "
          + segment
          + ": bytes "
          + position
          + "-"
          + (endPosition - 1)
          + " hold no valid frame and are "
          + (error == null ? "kept in the .bad file beside it." : "not kept: " + error)
          + " [JOURNAL_QUARANTINED]";
    }
  }

  /** The last write before the stop did not complete. */
  record TailTruncated(int laneIndex, String segment, long position, long endSequence)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", segment "
          + segment
          + ": unfinished write at position "
          + position
          + " is left out; the lane ends before sequence "
          + endSequence
          + ". [JOURNAL_TAIL_TRUNCATED]";
    }
  }

  /** A write or sync failed; what it held in doubt is written again to another segment. */
  record SegmentCondemned(int laneIndex, String segment, int appendsInDoubt, Exception error)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", segment "
          + segment
          + ": writing failed: "
          + error
          + ". It is not written any more; "
          + appendsInDoubt
          + " appends go to another segment. [JOURNAL_SEGMENT_CONDEMNED]";
    }
  }

  /** A lane went from one state to another. */
  record LaneStateChanged(int laneIndex, LaneState state, Throwable cause) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + " is "
          + state
          + (cause == null ? "." : ": " + cause)
          + " [JOURNAL_LANE_"
          + state
          + "]";
    }
  }

  /**
   * A checkpoint tells of a lane that no data directory is.
   *
   * @param recordCount how many records it held when the checkpoint was written; -1 if not known
   */
  record LaneAbsent(int laneIndex, long recordCount) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + " is absent: there is a checkpoint of it, but no data directory that can be used is it. "
          + (recordCount < 0 ? "An unknown number of" : recordCount)
          + " records were in it when its last checkpoint was written; they are missing until the"
          + " directory is back. If it is gone for good, delete the checkpoint. [JOURNAL_LANE_ABSENT]";
    }
  }

  /**
   * Notes of frames, or digests of notes, can't be read any more. Their records are all there.
   *
   * @param count of notes and digests
   */
  record NotesDamaged(int laneIndex, String segment, long count) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", segment "
          + segment
          + ": "
          + count
          + " notes of what other agents have sent are damaged. No record is lost; should a sender"
          + " repeat what it was not answered, it may be stored twice. [JOURNAL_NOTES_DAMAGED]";
    }
  }

  /** A checkpoint was not written; it is only a hint, and the next one is due soon. */
  record CheckpointNotWritten(int laneIndex, boolean isBackup, Exception error)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": "
          + (isBackup ? "backup of the checkpoint" : "checkpoint")
          + " not written; it is only a hint: "
          + error
          + ". [JOURNAL_CHECKPOINT_NOT_WRITTEN]";
    }
  }

  /** A file operation failed that endangers no record: it is repeated later or done without. */
  record DiskTrouble(int laneIndex, String what, Exception error) implements JournalEvent {
    @Override
    public String message() {
      return "Lane " + laneIndex + ": " + what + ": " + error + ". [JOURNAL_DISK_TROUBLE]";
    }
  }

  /** One of a lane's two copies is out of use; the other one has everything and goes on alone. */
  record CopyLost(int laneIndex, String directory, Exception error) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": the copy at "
          + directory
          + " is out of use: "
          + error
          + ". The lane goes on with the other one, and this one is tried again. [JOURNAL_COPY_LOST]";
    }
  }

  /** A copy is being brought up to date while the lane goes on. */
  record CopyCatchingUp(int laneIndex, String directory, long doneBytes, long totalBytes)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": the copy at "
          + directory
          + " is being brought up to date: "
          + doneBytes
          + " of "
          + totalBytes
          + " bytes. [JOURNAL_COPY_CATCHING_UP]";
    }
  }

  /** Both copies of a lane hold everything again. */
  record CopyInSync(int laneIndex, String directory) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": the copy at "
          + directory
          + " is up to date; either may be lost. [JOURNAL_COPY_IN_SYNC]";
    }
  }

  /** The only copy that is there had been left out: what was appended since is missing. */
  record CopyStale(int laneIndex, String directory) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": the only copy that is there, at "
          + directory
          + ", was out of use before the other one was lost: what was appended in between is"
          + " missing. Should the other one return, it is left as it is. [JOURNAL_COPY_STALE]";
    }
  }

  /** Two copies each hold what the other one does not. */
  record CopyDiverged(int laneIndex, String directory) implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ": "
          + directory
          + " holds records that the copy in use does not know of. It is not touched and not used;"
          + " move it away to have a new copy made there. [JOURNAL_COPY_DIVERGED]";
    }
  }

  /** Damage in one copy cost nothing: the other one had the bytes, which were written back. */
  record CopyRepaired(int laneIndex, String file, long position, long endPosition, Exception error)
      implements JournalEvent {
    @Override
    public String message() {
      return "Lane "
          + laneIndex
          + ", "
          + file
          + ": bytes "
          + position
          + "-"
          + (endPosition - 1)
          + " were bad in one copy and "
          + (error == null ? "are written again from the other one." : "stay so: " + error)
          + " [JOURNAL_COPY_REPAIRED]";
    }
  }
}
