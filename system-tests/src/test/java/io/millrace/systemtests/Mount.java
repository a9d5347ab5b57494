/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A small file system in memory, mounted for one test. Unmounted when closed. */
final class Mount implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;

  private Mount(Path directory) {
    this.directory = directory;
  }

  /** Mounts one; the test is left out, and says why, where that is not possible. */
  static Mount small(Path directory, int sizeMib) {
    Command mount =
        Command.run(
            "mount",
            directory.getParent(),
            LIMIT,
            List.of(
                "mount", "-t", "tmpfs", "-o", "size=" + sizeMib + "m", "tmpfs", "" + directory));
    if (mount.status() != 0) {
      abort("A tmpfs cannot be mounted here (root can do it): " + mount.output());
    }
    return new Mount(directory);
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() {
    Command unmount =
        Command.run(
            "umount", directory.getParent(), LIMIT, List.of("umount", "-l", directory.toString()));
    if (unmount.status() != 0) {
      throw new IllegalStateException("Could not unmount " + directory + ": " + unmount.output());
    }
  }
}
