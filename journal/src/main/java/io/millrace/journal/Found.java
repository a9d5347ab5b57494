/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.segment.FrameData;

/** What a look for a sequence found: the frame that holds it, or that it is missing. Immutable. */
sealed interface Found {
  /**
   * The frame.
   *
   * @param isAsAppended whether the payload is the array that was appended, not one read back
   */
  record Frame(long firstSequence, FrameData data, boolean isAsAppended) implements Found {
    long endSequence() {
      return firstSequence + data.recordCount();
    }
  }

  /**
   * Nothing valid holds the sequences from the one that was looked for up to {@code endSequence}.
   *
   * @param segment whose bytes {@code [position, endPosition)} should, or null if there is none
   */
  record Missing(
      String segment,
      long position,
      long endPosition,
      long endSequence,
      JournalEvent.LossCause cause)
      implements Found {}
}
