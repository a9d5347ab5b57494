/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

import java.util.List;

/**
 * What a walk over the frames of a segment found. Immutable.
 *
 * @param endPosition behind the last valid frame
 * @param endSequence behind the last valid frame
 * @param provenSequence everything below was synced, as later frames say; not more than endSequence
 * @param isTorn an intact header with a bad payload stands behind the last valid frame
 */
public record ScanFacts(
    long endPosition, long endSequence, long provenSequence, List<Hole> holes, boolean isTorn) {

  /**
   * Bytes before a valid frame that are no valid frame though the numbering asks for one.
   *
   * @param isProvenDamage the missing frames had been synced; else they may never have been
   */
  public record Hole(
      long position,
      long endPosition,
      long firstSequence,
      long endSequence,
      boolean isProvenDamage) {}
}
