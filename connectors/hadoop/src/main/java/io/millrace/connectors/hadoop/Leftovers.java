/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends what earlier runs of the sink left behind: files whose events were released get their final
 * names, the others go, for their events come again. Confined to one turn at a time.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private final Workplace work;
  private boolean areCommitsDone;
  private int finished;
  private int discarded;

  Leftovers(Workplace work) {
    this.work = work;
  }

  /** Whether deliveries may begin. */
  synchronized boolean areCommitsDone() {
    return areCommitsDone;
  }

  private synchronized void commitsDone() {
    areCommitsDone = true;
    notifyAll();
  }

  /** Waits until deliveries may begin; false when the time is over. */
  synchronized boolean awaitCommits(long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (!areCommitsDone) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }

  /** Whether all is done; what is not is to be tried again later. */
  boolean run(CallPool.Turn turn) throws IOException {
    FileSystem files = work.files();
    if (!areCommitsDone()) {
      work.commits().recover(turn, files);
      if (work.options().isReleasedOnClose()) {
        work.commits().open(turn, files);
      }
      commitsDone();
    }
    boolean[] all = {true};
    if (work.names().isMarked()) {
      Listing.each(
          turn,
          files,
          work.marks().notes(),
          note -> {
            Optional<DirectoryMarks.Noted> noted =
                turn.call("read " + note.getPath(), () -> DirectoryMarks.read(files, note));
            if (noted.isPresent()) {
              all[0] &= endAll(turn, files, noted.get());
            }
          });
    }
    if (all[0] && finished + discarded > 0) {
      log.info(
          "Sink {}: of the files that were left open, {} got their final names and {} were"
              + " removed",
          work.sink(),
          finished,
          discarded);
    }
    return all[0];
  }

  private boolean endAll(CallPool.Turn turn, FileSystem files, DirectoryMarks.Noted noted)
      throws IOException {
    boolean[] all = {true};
    Listing.each(
        turn,
        files,
        noted.directory(),
        each -> {
          Optional<FileNames.Leftover> leftover =
              each.isFile() ? work.names().leftover(each.getPath()) : Optional.empty();
          if (leftover.isPresent()) {
            all[0] &= end(turn, files, leftover.get());
          }
        });
    if (all[0]) {
      turn.call(
          "forget " + noted.directory(),
          () -> {
            work.marks().forget(files, noted);
            return null;
          });
    }
    return all[0];
  }

  private boolean end(CallPool.Turn turn, FileSystem files, FileNames.Leftover leftover)
      throws IOException {
    if (!leftover.isReleased()) {
      turn.call("delete " + leftover.path(), () -> files.delete(leftover.path(), false));
      discarded++;
      work.counters().discarded().increment();
      return true;
    }
    if (!turn.call(
        "recover " + leftover.path(), () -> Ending.recoverLease(files, leftover.path()))) {
      return false;
    }
    boolean isEmpty =
        turn.call(
            "look at " + leftover.path(), () -> files.getFileStatus(leftover.path()).getLen() == 0);
    if (isEmpty) {
      turn.call("delete " + leftover.path(), () -> files.delete(leftover.path(), false));
      discarded++;
      work.counters().discarded().increment();
      return true;
    }
    turn.call(
        "rename " + leftover.path(),
        () -> Renames.toFreeName(files, leftover.path(), leftover.whole(), work.names()::instead));
    finished++;
    work.counters().recovered().increment();
    return true;
  }
}
