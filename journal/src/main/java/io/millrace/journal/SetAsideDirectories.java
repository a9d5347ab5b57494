/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Tries the data directories that were set aside again and again, and takes their lanes into
 * service once they can be used. A daemon thread of its own, since a disk may hang, which ends with
 * the last of them or with the journal.
 */
final class SetAsideDirectories implements Runnable {
  private final Journal journal;
  private final JournalDirectories directories;
  private final LaneContext context;

  /** What was said of each directory last: it is not said again and again. */
  private final Map<Path, String> said = new HashMap<>();

  private SetAsideDirectories(
      Journal journal, JournalDirectories directories, LaneContext context) {
    this.journal = journal;
    this.directories = directories;
    this.context = context;
  }

  static void tryAgain(Journal journal, JournalDirectories directories, LaneContext context) {
    SetAsideDirectories retries = new SetAsideDirectories(journal, directories, context);
    Thread thread = new Thread(retries, "journal/set-aside");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void run() {
    while (!journal.isClosing() && directories.unusableCount() > 0) {
      LockSupport.parkNanos(context.options().retryInterval().toNanos());
      for (Path directory : directories.unusable()) {
        if (!journal.isClosing()) {
          tryOnce(directory);
        }
      }
    }
  }

  private void tryOnce(Path directory) {
    try {
      Lane lane = JournalOpener.reopen(context, directories, directory);
      if (journal.add(lane)) {
        directories.use(directory);
        directories.settleAbsentLanes();
      } else {
        lane.finish();
        directories.giveBack(directory);
      }
    } catch (IOException | RuntimeException e) {
      if (!e.toString().equals(said.put(directory, e.toString()))) {
        context
            .listener()
            .onEvent(
                new JournalEvent.DiskTrouble(
                    -1, "data directory " + directory + " stays set aside", e));
      }
    }
  }
}
