/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What is said of the copies of one lane, at a bounded rate. Divergence is guarded by the lane's
 * lock; progress and trouble are confined to the thread that works on a copy.
 */
final class CopyReports {
  private final CopyContext context;
  private final List<Path> directories;
  private volatile int laneIndex = -1;
  private boolean isDivergenceReported;
  private long nextProgressNanos;
  private String lastTrouble = "";

  CopyReports(CopyContext context, List<Path> directories) {
    this.context = context;
    this.directories = directories;
  }

  /** From here on reports name the lane. */
  void nameLane(int index) {
    laneIndex = index;
  }

  void lost(int member, IOException cause) {
    context.listener().onLost(laneIndex, directories.get(member), cause);
  }

  void stale(int member) {
    context.listener().onStale(laneIndex, directories.get(member));
  }

  /** Once, until the copy can be brought up to date. */
  void diverged(int member) {
    if (!isDivergenceReported) {
      isDivergenceReported = true;
      context.listener().onDiverged(laneIndex, directories.get(member));
    }
  }

  void catchUpBegun(int member, CatchUp begun) {
    isDivergenceReported = false;
    nextProgressNanos = context.nanoClock().getAsLong();
    progress(member, begun);
  }

  void progress(int member, CatchUp running) {
    long now = context.nanoClock().getAsLong();
    if (now - nextProgressNanos >= 0) {
      nextProgressNanos = now + context.reportNanos();
      context
          .listener()
          .onCatchingUp(
              laneIndex, directories.get(member), running.doneBytes(), running.totalBytes());
    }
  }

  void inSync(int member) {
    context.listener().onInSync(laneIndex, directories.get(member));
  }

  void rewritten(int member, String name, long position, int blockCount) {
    context
        .listener()
        .onRewritten(laneIndex, directories.get(member).resolve(name), position, blockCount);
  }

  /** Says what keeps the copies from being two, unless it is what was said last. */
  void trouble(IOException e) {
    if (!e.toString().equals(lastTrouble)) {
      lastTrouble = e.toString();
      context.listener().onTrouble(laneIndex, directories.get(0), e);
    }
  }
}
