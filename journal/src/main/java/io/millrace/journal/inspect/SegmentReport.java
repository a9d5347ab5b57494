/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.codec.Compression;
import java.util.Optional;

/**
 * A segment file. Immutable.
 *
 * @param ordinal of its use; 0 if it has none
 * @param endSequence behind the last sequence that it answers for
 * @param waitingRecords of those, not acknowledged
 * @param isSalvaged the header is damaged; what is said here comes from the frames
 * @param sample what its first whole frame shows; empty if there is none, or nothing waits in it
 * @param remark why the file is of no use, else empty
 */
public record SegmentReport(
    FileReport file,
    Kind kind,
    long ordinal,
    long firstSequence,
    long endSequence,
    long waitingRecords,
    boolean isSalvaged,
    Optional<Sample> sample,
    String remark) {

  /** What the file is for. */
  public enum Kind {
    /** Holds records that wait. */
    LIVE,
    /** Holds only what is acknowledged: used again, or deleted. */
    FREE,
    /** Prepared, never used. */
    SPARE,
    /** Of another lane or journal; left alone. */
    FOREIGN,
    /** Can't be read; left alone. */
    UNREADABLE
  }

  /**
   * One frame, which stands for the others of its segment.
   *
   * @param compression number of the packing, {@link Compression#NONE} for none
   * @param plainBytes of the payload; -1 if a key is needed to know
   */
  public record Sample(
      int compression, Optional<String> keyAlias, long storedBytes, long plainBytes) {}
}
