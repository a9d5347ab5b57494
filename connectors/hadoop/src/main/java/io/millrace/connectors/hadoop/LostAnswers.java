/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.hdfs.server.namenode.SafeModeException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;

/**
 * Files that may be there although nobody has them: the answer to their creation was lost. They are
 * deleted; until then the notes of their directories stay. Guarded by {@code this}.
 */
final class LostAnswers {
  /** More are left to the next start, which finds them by the notes. */
  static final int MAX_DOUBTS = 1000;

  /** The name node may have the request in its queue still. */
  private static final Duration WAIT = Duration.ofSeconds(5);

  private record Doubt(Path path, String directory, long sinceNanos) {}

  private final DirectoryMarks marks;
  private final Deque<Doubt> doubts = new ArrayDeque<>();

  LostAnswers(DirectoryMarks marks) {
    this.marks = marks;
  }

  /** Whether the file may have been made in spite of the failure. */
  static boolean leaveDoubt(Exception why) {
    return !(why instanceof RemoteException
        || why instanceof AccessControlException
        || why instanceof QuotaExceededException
        || why instanceof FileAlreadyExistsException
        || why instanceof ParentNotDirectoryException
        || why instanceof FileNotFoundException
        || why instanceof SafeModeException);
  }

  /**
   * Takes a path.
   *
   * @param path that no other file can have
   */
  synchronized void add(Path path, String directory) {
    if (doubts.size() < MAX_DOUBTS) {
      doubts.addLast(new Doubt(path, directory, System.nanoTime()));
    }
  }

  /**
   * Deletes what is there; after a failure to be called again. One that cannot be deleted does not
   * keep the others, nor does a call that never came back.
   *
   * @throws IOException the first failure, when all were tried
   */
  void clear(FileSystem files, boolean isLast) throws IOException {
    IOException failure = null;
    for (Doubt due : due(isLast)) {
      moveToEnd(due);
      try {
        files.delete(due.path(), false);
        remove(due);
      } catch (IOException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private synchronized List<Doubt> due(boolean isLast) {
    long now = System.nanoTime();
    return doubts.stream()
        .filter(doubt -> isLast || now - doubt.sinceNanos() >= WAIT.toNanos())
        .toList();
  }

  private synchronized void moveToEnd(Doubt doubt) {
    if (doubts.remove(doubt)) {
      doubts.addLast(doubt);
    }
  }

  private synchronized void remove(Doubt doubt) {
    if (doubts.remove(doubt)) {
      marks.end(doubt.directory());
    }
  }
}
