/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.Identity;
import io.millrace.journal.segment.LaneFiles;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks every now and then whether a lane's directory is still in its place. Confined to the lane's
 * owner thread, but for the result, which the background leaves.
 */
final class DirectoryWatch {
  private final Identity identity;
  private final LaneFiles files;
  private final Executor background;
  private final Runnable wakeOwner;
  private final long intervalNanos;
  private long checkAtNanos;

  /** Set by each look that does not find it, and taken away by the owner. */
  private final AtomicBoolean isLost = new AtomicBoolean();

  DirectoryWatch(
      int laneIndex,
      LaneFiles files,
      LaneContext context,
      Executor background,
      Runnable wakeOwner) {
    this.identity = new Identity(context.journalId(), laneIndex);
    this.files = files;
    this.background = background;
    this.wakeOwner = wakeOwner;
    this.intervalNanos = context.options().retryInterval().toNanos();
    this.checkAtNanos = context.nanoClock().getAsLong() + intervalNanos;
  }

  /** Why the directory cannot be used, if a look since the last call found so; null else. */
  IOException check(long nowNanos) {
    if (nowNanos - checkAtNanos >= 0) {
      checkAtNanos = nowNanos + intervalNanos;
      background.execute(this::look);
    }
    return isLost.getAndSet(false) ? files.misplaced() : null;
  }

  long nanosToNextCheck(long nowNanos) {
    return Math.max(0, checkAtNanos - nowNanos);
  }

  private void look() {
    try {
      if (!files.isInPlace(identity)) {
        isLost.set(true);
        wakeOwner.run();
      }
    } catch (IOException e) {
      // A disk that fails says so when it is written.
    }
  }
}
