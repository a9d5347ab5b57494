/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * What is in a directory, a bounded number a call: a directory may have more than one call has time
 * for. Stateless.
 */
final class Listing {
  /** As many as the name node sends at once. */
  static final int CHUNK = 1000;

  private Listing() {}

  /** Takes what is found. */
  interface Visitor {
    void visit(FileStatus found) throws IOException;
  }

  /**
   * Visits what is in the directory; a directory that is not there has nothing.
   *
   * @param visitor may delete or rename what it is given
   */
  static void each(CallPool.Turn turn, FileSystem files, Path directory, Visitor visitor)
      throws IOException {
    RemoteIterator<FileStatus> all =
        turn.call(
            "list " + directory,
            () -> {
              try {
                return files.listStatusIterator(directory);
              } catch (FileNotFoundException e) {
                return null;
              }
            });
    List<FileStatus> chunk;
    do {
      chunk = all == null ? List.of() : turn.call("list " + directory, () -> next(all));
      for (FileStatus found : chunk) {
        visitor.visit(found);
      }
    } while (chunk.size() == CHUNK);
  }

  private static List<FileStatus> next(RemoteIterator<FileStatus> all) throws IOException {
    List<FileStatus> chunk = new ArrayList<>();
    try {
      while (chunk.size() < CHUNK && all.hasNext()) {
        chunk.add(all.next());
      }
    } catch (FileNotFoundException e) {
      // It went meanwhile.
      return chunk;
    }
    return chunk;
  }
}
