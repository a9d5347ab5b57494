/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Directories in which all is read, with the time of their last change: until that moves there is
 * no need to look at the names of finished files again, which may be very many. A directory is
 * listed again after {@link #TRUST} all the same, for file systems that do not tell. Confined to
 * the source's thread.
 */
final class EmptiedDirectories {
  static final Duration TRUST = Duration.ofSeconds(30);

  /** As coarse as the time of a change may be, a later one of the same moment would not show. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  private Map<Path, Emptied> before = new HashMap<>();
  private Map<Path, Emptied> now = new HashMap<>();

  private record Emptied(long modifiedNanos, long listedNanos, List<Path> subdirectories) {}

  /** A look at all directories begins; those that it does not come to are forgotten. */
  void begin() {
    before = now;
    now = new HashMap<>();
  }

  /** What is below a directory in which nothing is to be read; null when it must be listed. */
  List<Path> subdirectories(Path directory, long modifiedNanos, long nowNanos) {
    Emptied known = before.get(directory);
    if (known == null
        || known.modifiedNanos() != modifiedNanos
        || nowNanos - known.listedNanos() >= TRUST.toNanos()) {
      return null;
    }
    now.put(directory, known);
    return known.subdirectories();
  }

  /**
   * Nothing is to be read in the directory.
   *
   * @param modifiedNanos the time of its last change, from before it was listed
   */
  void add(
      Path directory,
      long modifiedNanos,
      List<Path> subdirectories,
      long nowNanos,
      long wallNanos) {
    if (wallNanos - modifiedNanos >= SETTLING.toNanos()) {
      now.put(directory, new Emptied(modifiedNanos, nowNanos, List.copyOf(subdirectories)));
    }
  }
}
