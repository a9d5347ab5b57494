/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Gives lanes their index. Directories of a new journal are numbered from 0. */
final class LaneNumbers {
  /** Directories that join a journal later are numbered from here. */
  private static final int FIRST_ADDED = 1000;

  /** Names of checkpoints have room for five digits. */
  private static final int LAST = 99_999;

  private LaneNumbers() {}

  /**
   * A number for a directory that joins a journal. One that was ever in use, by a directory that is
   * lost and forgotten since, would count its records from 0 again; and who remembers what it had
   * of the journal would take them for those.
   */
  static int added(Set<Integer> taken, Supplier<UUID> random) {
    int laneIndex;
    do {
      long number = random.get().getLeastSignificantBits();
      laneIndex = FIRST_ADDED + (int) Math.floorMod(number, (long) LAST - FIRST_ADDED + 1);
    } while (taken.contains(laneIndex));
    return laneIndex;
  }
}
