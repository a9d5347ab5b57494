/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LeaseRecoverable;
import org.apache.hadoop.fs.Path;

/**
 * A file on its way from open to its final name, or out of the world: each step is tried until it
 * is done. Confined to one turn at a time.
 */
final class Ending {
  /** The name node is about to end the lease of whoever wrote the file; that takes some seconds. */
  static final class LeaseHeldException extends IOException {
    private static final long serialVersionUID = 1L;

    LeaseHeldException() {
      super("the name node has not ended its lease yet");
    }
  }

  private final Workplace work;
  private final OutFile file;

  /** Whether the file is not wanted: nothing that is in it was released. */
  private boolean isDiscarded;

  /** Whether the stream failed; only the file system can close the file then. */
  private boolean isLost;

  private boolean isDeleted;
  private volatile boolean isLetGo;
  private boolean isClosed;
  private CommitRecord record;
  private Path recordPath;
  private boolean isRecorded;
  private int tries;
  private long dueNanos;
  private boolean isUnderWay;

  private Ending(Workplace work, OutFile file) {
    this.work = work;
    this.file = file;
  }

  /** Of a file that is complete. */
  static Ending of(Workplace work, OutFile file) {
    return new Ending(work, file);
  }

  /** Of a file whose stream has failed, and of which nothing is held any more. */
  static Ending ofLost(Workplace work, OutFile file) {
    Ending ending = new Ending(work, file);
    ending.isLost = true;
    ending.isDiscarded = !file.isReleased();
    return ending;
  }

  OutFile file() {
    return file;
  }

  int tries() {
    return tries;
  }

  /** A try has failed; the next one not before. */
  void again(long dueAtNanos) {
    tries++;
    dueNanos = dueAtNanos;
    isUnderWay = false;
  }

  /** Nothing failed; it is to be looked at again. */
  void waitUntil(long dueAtNanos) {
    dueNanos = dueAtNanos;
    isUnderWay = false;
  }

  void hurry(long nowNanos) {
    dueNanos = nowNanos;
  }

  boolean takeIfDue(long nowNanos) {
    if (isUnderWay || nowNanos - dueNanos < 0) {
      return false;
    }
    isUnderWay = true;
    return true;
  }

  void takeNow() {
    isUnderWay = true;
  }

  /** Whether the events that it holds may already count as written. */
  boolean isDecided() {
    return record != null;
  }

  /** The stream hangs or has failed: what the file still holds is written elsewhere. */
  void lose() {
    isLost = true;
    isDiscarded = !file.isReleased();
  }

  /** Does what is left to do; whoever calls catches what fails and calls again. */
  void run(CallPool.Turn turn) throws IOException {
    FileSystem files = work.files();
    if (isDiscarded) {
      discard(turn, files);
      return;
    }
    if (!isClosed) {
      close(turn, files);
    }
    if (!work.options().isReleasedOnClose()) {
      file.settle();
      rename(turn, files, file.whole());
      return;
    }
    commit(turn, files);
  }

  private void close(CallPool.Turn turn, FileSystem files) throws IOException {
    if (!isLost) {
      turn.call(
          "close " + file.inUse(),
          () -> {
            file.events().close();
            return null;
          });
    } else if (!(files instanceof LeaseRecoverable)) {
      // Before it gets its name: closing the stream may add what it still has.
      letGo(turn);
    } else if (!turn.call("recover " + file.inUse(), () -> recoverLease(files, file.inUse()))) {
      throw new LeaseHeldException();
    } else {
      // Not before: until now the stream could have added what was written elsewhere.
      letGoSoon();
    }
    isClosed = true;
  }

  /** Whether nobody writes the file any more. */
  static boolean recoverLease(FileSystem files, Path path) throws IOException {
    return !(files instanceof LeaseRecoverable recoverable) || recoverable.recoverLease(path);
  }

  private void commit(CallPool.Turn turn, FileSystem files) throws IOException {
    if (record == null) {
      Path target = file.whole();
      while (exists(turn, files, target)) {
        target = work.names().instead(target);
      }
      CommitRecord decided = file.record(target);
      recordPath = work.commits().pathFor(decided);
      record = decided;
    }
    if (!isRecorded && !record.events().isEmpty()) {
      turn.call(
          "store " + recordPath,
          () -> {
            work.commits().commit(files, recordPath, record);
            return null;
          });
    }
    isRecorded = true;
    rename(turn, files, record.whole());
    if (!record.events().isEmpty()) {
      work.commits().done(recordPath, record);
    }
    file.settle();
  }

  private static boolean exists(CallPool.Turn turn, FileSystem files, Path path)
      throws IOException {
    return turn.call("look for " + path, () -> files.exists(path));
  }

  private void rename(CallPool.Turn turn, FileSystem files, Path target) throws IOException {
    if (!target.equals(file.inUse())) {
      turn.call(
          "rename " + file.inUse(),
          () -> Renames.toFreeName(files, file.inUse(), target, work.names()::instead));
    }
    work.counters().closed().increment();
    work.marks().end(file.directory());
  }

  private void discard(CallPool.Turn turn, FileSystem files) throws IOException {
    if (!isDeleted) {
      turn.call("delete " + file.inUse(), () -> files.delete(file.inUse(), false));
      isDeleted = true;
      work.counters().discarded().increment();
      work.marks().end(file.directory());
    }
    letGoSoon();
  }

  /** Closes the stream of a file that is given up, which frees what it holds. */
  private void letGo(CallPool.Turn turn) throws CallPool.AbandonedException {
    if (isLetGo) {
      return;
    }
    isLetGo = true;
    boolean isUnwanted = isDiscarded;
    try {
      turn.call(
          "abort " + file.inUse(),
          () -> {
            if (isUnwanted) {
              file.events().abort();
            } else {
              file.events().closeStream();
            }
            return null;
          });
    } catch (CallPool.AbandonedException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Expected: the stream has failed, or the file is gone or another's. What was held is free.
      return;
    }
  }

  /** The same, for which nobody waits: it may hang, and nothing depends on it. */
  private void letGoSoon() {
    work.pool().submit(new LettingGo());
  }

  private final class LettingGo extends CallPool.Turn {
    LettingGo() {
      super(work.pool());
    }

    @Override
    void work() {
      try {
        letGo(this);
      } catch (CallPool.AbandonedException e) {
        return;
      }
    }

    @Override
    void abandoned(String message) {}
  }
}
