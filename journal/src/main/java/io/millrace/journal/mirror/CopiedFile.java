/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import java.util.concurrent.locks.ReentrantLock;

/** A file of a lane, whichever copies have it. Its lock is held while its bytes are written. */
final class CopiedFile {
  final ReentrantLock lock = new ReentrantLock();

  /** Changed by a rename, under the lane's lock. */
  volatile String name;

  /**
   * Whether a copy that is being brought up to date has the file by now, complete or in the making,
   * so that it is to be written there too.
   */
  volatile boolean isOnTarget;

  volatile boolean isDeleted;

  CopiedFile(String name) {
    this.name = name;
  }
}
