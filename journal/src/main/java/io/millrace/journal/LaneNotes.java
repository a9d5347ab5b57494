/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.Invariant;
import io.millrace.journal.segment.Segment;
import java.util.List;

/**
 * A lane's dealings with the {@link NoteDigest}: tells it what is synced, has the digest for the
 * next segment, and knows from which segment on notes are still needed. Confined to the lane's
 * owner thread.
 */
final class LaneNotes {
  /** Null if frames take no notes. */
  private final NoteDigest digest;

  /**
   * The latest segment whose digest is synced; it and those after it hold all notes since. Or null.
   */
  private Segment holder;

  /** For the next segment, or null; forgotten when the lane commits more. */
  private byte[] prepared;

  /**
   * @param holder null if no segment with a digest was found; what an earlier opening noted stays
   *     until something is appended, also if this one takes no notes
   */
  LaneNotes(JournalOptions options, Segment holder) {
    this.digest = options.noteDigest().orElse(null);
    this.holder = holder;
  }

  /** A digest of everything that is committed. */
  static byte[] digestOf(NoteDigest digest) {
    byte[] bytes = digest.digest();
    Invariant.check(
        bytes.length <= NoteDigest.MAX_DIGEST_BYTES,
        "digest: "
            + bytes.length
            + " bytes (expected: at most "
            + NoteDigest.MAX_DIGEST_BYTES
            + ")");
    return bytes;
  }

  /** For a checkpoint; null if frames take no notes. */
  byte[] digest() {
    return digest == null ? null : digestOf(digest);
  }

  /**
   * What the first frame of the next segment will carry: the same until more is committed. Null if
   * frames take no notes.
   */
  byte[] prepareDigest() {
    if (prepared == null) {
      prepared = digest();
    }
    return prepared;
  }

  /** What {@link #prepareDigest} said, to be written now. */
  byte[] takeDigest() {
    byte[] taken = prepareDigest();
    prepared = null;
    return taken;
  }

  /** Bytes that it takes in the segment. */
  int preparedBytes() {
    return AttachmentLayout.storedBytes(prepareDigest());
  }

  /** All that was written to the segment is synced, the appends among it. */
  void synced(Segment segment, List<PendingAppend> appends) {
    if (digest == null) {
      holder = null;
      return;
    }
    for (PendingAppend append : appends) {
      if (append.frame.note() != null) {
        prepared = null;
        digest.committed(append.frame.note());
      }
    }
    holder = segment;
  }

  boolean isNeeded(Segment segment) {
    return segment == holder;
  }
}
