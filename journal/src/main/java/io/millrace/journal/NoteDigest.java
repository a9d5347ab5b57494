/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * What the notes of a journal's frames add up to. The journal stores notes and digests and knows
 * nothing of what they mean; what it tells here survives whatever its frames survive, and is
 * bounded however long the journal lives.
 *
 * <p>Called by the thread that opens the journal, by the owner threads of all lanes, and by the one
 * that takes a directory back into service, several at once: implementations are safe for that and
 * quick, do not block and do not call the journal. One that throws stops the lane. The same note
 * may be told more than once, and again though a digest told of it: to know it twice is to know it
 * once.
 *
 * @since 0.1
 */
public interface NoteDigest {
  int MAX_NOTE_BYTES = 64 << 10;

  int MAX_DIGEST_BYTES = 8 << 20;

  /**
   * The frame of this note is synced. Called before its append completes, but with a sync interval
   * after it, at the sync; and when a lane is opened, for each frame that the lane holds and no
   * digest that was found tells of. Never for a frame that was refused, torn or lost.
   */
  void committed(byte[] note);

  /**
   * All that was committed so far, on all lanes.
   *
   * @return at most {@link #MAX_DIGEST_BYTES}; nobody modifies it any more
   */
  byte[] digest();

  /**
   * A digest that was found when a lane was opened. Several may come, of one lane and of several:
   * all of them are true, and all together tell everything.
   */
  void recovered(byte[] digest);
}
