/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;

/**
 * Where to begin in a file that is seen for the first time, and what must stand before that
 * position; the mark is checked when the file is read. Immutable.
 */
record StartPosition(long position, Mark mark) {
  static final StartPosition BEGINNING = new StartPosition(0, Mark.UNKNOWN);

  /**
   * @param remembered the position known for the inode, or null
   * @param skipToEnd whether files without one begin at their end
   */
  static StartPosition of(Position remembered, Path path, long sizeBytes, boolean skipToEnd) {
    if (remembered == null) {
      return skipToEnd ? new StartPosition(sizeBytes, Mark.UNKNOWN) : BEGINNING;
    }
    if (remembered.position() > sizeBytes) {
      // Truncated, or another file on the same inode: all of it is new.
      return BEGINNING;
    }
    if (remembered.mark().isKnown() || remembered.path().equals(path)) {
      return new StartPosition(remembered.position(), remembered.mark());
    }
    // Flume's own entry, and the file has another name: renamed, or another file on the inode.
    // Flume's positions stand behind a line feed, which a foreign file rarely has just there.
    return new StartPosition(
        remembered.position(), remembered.position() == 0 ? Mark.UNKNOWN : Mark.LINE_END);
  }
}
