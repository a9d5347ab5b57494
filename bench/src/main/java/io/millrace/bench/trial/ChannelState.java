/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.machine.BenchDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a channel's directories held at one moment, kept aside so that any number of starts finds
 * the same. No agent ever writes to the kept files, so two states share by hard link those that are
 * the same in both; an agent gets real copies. Copies keep the time of the last change, by which a
 * file that an agent has changed is told from one that is as it was.
 */
final class ChannelState {
  private final Path kept;

  private ChannelState(Path kept) {
    this.kept = kept;
  }

  /** Copies {@code live}, whose agent has ended, to {@code kept}. */
  static ChannelState keep(Path live, Path kept) throws IOException, InterruptedException {
    Files.createDirectories(kept);
    ChannelState state = new ChannelState(kept);
    copyDifferences(live, kept);
    return state;
  }

  /** The same, sharing with an older state what has not changed since. */
  static ChannelState keepSince(ChannelState older, Path live, Path kept)
      throws IOException, InterruptedException {
    for (Path file : files(older.kept)) {
      Path relative = older.kept.relativize(file);
      if (isSame(file, live.resolve(relative))) {
        Path link = kept.resolve(relative);
        Files.createDirectories(link.getParent());
        Files.createLink(link, file);
      }
    }
    return keep(live, kept);
  }

  /** Makes {@code live} the same as what was kept; copies only what differs. */
  void restore(Path live) throws IOException, InterruptedException {
    Files.createDirectories(live);
    for (Path path : BenchDirectories.deepestFirst(live)) {
      Path original = kept.resolve(live.relativize(path));
      if (!Files.exists(original)) {
        Files.delete(path);
      }
    }
    copyDifferences(kept, live);
  }

  private static void copyDifferences(Path from, Path to) throws IOException, InterruptedException {
    for (Path file : files(from)) {
      Path copy = to.resolve(from.relativize(file));
      if (!isSame(file, copy)) {
        Files.createDirectories(copy.getParent());
        copy(file, copy);
      }
    }
  }

  private static boolean isSame(Path one, Path other) throws IOException {
    if (!Files.exists(other) || Files.size(one) != Files.size(other)) {
      return false;
    }
    FileTime changed = Files.getLastModifiedTime(one);
    return changed.equals(Files.getLastModifiedTime(other));
  }

  /**
   * By {@code cp}: it keeps times to the nanosecond, holes, and blocks where file systems share.
   */
  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    Files.deleteIfExists(to);
    List<String> command =
        List.of("cp", "-p", "--reflink=auto", "--", from.toString(), to.toString());
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException(command + " ended with status " + status + " (expected: 0)");
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList();
    }
  }
}
