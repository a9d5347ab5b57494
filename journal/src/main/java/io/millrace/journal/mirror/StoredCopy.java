/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import java.nio.file.Path;

/**
 * One of a lane's two copies as it lies on the disk. Immutable.
 *
 * @param trouble why it can't be reached, else empty
 */
public record StoredCopy(Path directory, State state, String trouble) {
  /** What a start makes of it. */
  public enum State {
    /** Read and written. */
    IN_SYNC,
    /** Nothing of a lane is there: filled from the other one. */
    EMPTY,
    /** Was left out: brought up to date from the other one. */
    STALE,
    /** Holds what the one in use does not know of: left as it is. */
    DIVERGED,
    /** Can't be read: done without until it can. */
    UNREACHABLE
  }
}
