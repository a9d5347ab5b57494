/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import java.io.IOException;

/** Sees the frames of a lane in order. */
@FunctionalInterface
public interface FrameVisitor {
  /**
   * @return false to end the walk
   */
  boolean visit(StoredFrame frame) throws IOException;

  /** So many more bytes of the disk are done with. */
  default void passed(long bytes) {}
}
