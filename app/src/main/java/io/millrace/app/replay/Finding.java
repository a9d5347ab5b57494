/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

/**
 * Something of the directory that was not replayed. Immutable.
 *
 * @param fileIndex place of the file in the plan; -1 for what is not in it
 * @param events that are lost with it; {@link #UNKNOWN_EVENTS} where nothing tells
 * @param text what, by name, and why
 */
record Finding(int fileIndex, Kind kind, long events, String text) {
  static final long UNKNOWN_EVENTS = -1;

  /** Why. */
  enum Kind {
    /** Bytes that are not what was written. */
    DAMAGED,
    /** A record without its end: what a crash leaves. */
    UNFINISHED,
    /** The end of a file that is being written to now: nothing is wrong with it. */
    STILL_WRITTEN,
    /** No file of events. */
    FOREIGN,
    /** It was there when the replay began. */
    MISSING,
    /** The disk does not give it. */
    UNREADABLE
  }

  boolean isProblem() {
    return kind != Kind.STILL_WRITTEN;
  }
}
