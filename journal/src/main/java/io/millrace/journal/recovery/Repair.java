/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

/** One thing to be done or said about what recovery found. Immutable. */
public sealed interface Repair {

  /** The lane ends before bytes that a crash left unfinished. */
  record TruncateTail(String segment, long position, long endSequence) implements Repair {}

  /** Bytes that are no valid frame, with valid ones behind, are put aside. */
  record Quarantine(String segment, long position, long endPosition) implements Repair {}

  /** Sequences are missing, and count as acknowledged from now on. */
  record ReportLoss(long firstSequence, long endSequence, LossCause cause) implements Repair {}

  /** The file holds nothing that is still wanted. */
  record Recycle(String segment) implements Repair {}

  /** Why sequences are missing. */
  enum LossCause {
    /** Frames that had been synced are damaged. */
    DAMAGED_FRAMES,
    /** Frames of the last write before a crash, which may never have been synced. */
    UNFINISHED_WRITE,
    /** A whole file is not there. */
    MISSING_SEGMENT
  }
}
