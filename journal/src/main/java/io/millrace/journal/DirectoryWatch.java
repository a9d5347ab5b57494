/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.Identity;
import io.millrace.journal.segment.LaneFiles;
import java.io.IOException;
import java.util.concurrent.Executor;

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
  private volatile boolean isLost;

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

  /** Why the directory cannot be used, if the last look found so; null else. */
  IOException check(long nowNanos) {
    if (nowNanos - checkAtNanos >= 0) {
      checkAtNanos = nowNanos + intervalNanos;
      background.execute(this::look);
    }
    return isLost ? files.misplaced() : null;
  }

  long nanosToNextCheck(long nowNanos) {
    return Math.max(0, checkAtNanos - nowNanos);
  }

  private void look() {
    boolean wasLost = isLost;
    try {
      isLost = !files.isInPlace(identity);
    } catch (IOException e) {
      // A disk that fails says so when it is written.
      isLost = false;
    }
    if (isLost != wasLost) {
      wakeOwner.run();
    }
  }
}
