/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Gives files their final names and never takes another file's. Stateless. */
final class Renames {
  private static final int MAX_NAMES = 100;

  private Renames() {}

  /**
   * Renames; whatever has the name keeps it. Done before is done.
   *
   * @param instead gives another name for one that is taken; the same one when there is none
   * @return the name
   */
  static Path toFreeName(FileSystem files, Path from, Path to, UnaryOperator<Path> instead)
      throws IOException {
    Optional<LocalDisk> disk = LocalDisk.of(files);
    Path target = to;
    for (int i = 0; i < MAX_NAMES; i++) {
      Optional<Path> named =
          disk.isPresent() ? disk.get().rename(from, target) : rename(files, from, target);
      if (named.isPresent()) {
        return named.get();
      }
      if (!files.exists(from)) {
        return target;
      }
      Path next = instead.apply(target);
      target = next.equals(target) ? target.suffix("-" + (i + 1)) : next;
    }
    throw new IOException(MAX_NAMES + " names in a row are taken, the last one " + target);
  }

  /** Empty when the name is taken; a name node never renames a file over another one. */
  private static Optional<Path> rename(FileSystem files, Path from, Path target)
      throws IOException {
    if (files.exists(target)) {
      return Optional.empty();
    }
    if (files.rename(from, target)) {
      return Optional.of(target);
    }
    if (!files.exists(target)) {
      throw new IOException(from + " could not be renamed to " + target);
    }
    return Optional.empty();
  }
}
