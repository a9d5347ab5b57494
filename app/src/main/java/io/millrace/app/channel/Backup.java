/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.SegmentReport;
import io.millrace.journal.recovery.Repair;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies of the files that a repair may change, in a directory beside each of the channel's. Live
 * segments that nothing is done to are left out: they are only read. Confined to one thread.
 */
final class Backup {
  private final String suffix;

  /** Files by the directory that they stand in. */
  private final Map<Path, List<Path>> files = new LinkedHashMap<>();

  /** Second copies of lanes. */
  private final Set<Path> seconds = new HashSet<>();

  private Backup(String suffix) {
    this.suffix = suffix;
  }

  /**
   * @param time makes the name: directory.backup-time
   */
  static Backup of(ChannelFiles channel, JournalReport report, String time) throws IOException {
    Backup backup = new Backup(".backup-" + time);
    for (Path directory : channel.checkpointDirectories()) {
      if (Files.isDirectory(directory)) {
        backup.add(directory, Set.of());
      }
    }
    for (LaneReport lane : report.lanes()) {
      // What is brought up to date from these needs none.
      for (Path directory : CopyText.readDirectories(lane)) {
        backup.add(directory, untouched(lane));
        if (!directory.equals(lane.directory())) {
          backup.seconds.add(directory);
        }
      }
    }
    return backup;
  }

  private static Set<String> untouched(LaneReport lane) {
    Set<String> names = new HashSet<>();
    String last = "";
    for (SegmentReport segment : lane.segments()) {
      boolean isKept =
          segment.kind() == SegmentReport.Kind.LIVE && !segment.isSalvaged()
              || segment.kind() == SegmentReport.Kind.SPARE;
      if (isKept) {
        names.add(segment.file().name());
      }
      if (segment.kind() == SegmentReport.Kind.LIVE) {
        last = segment.file().name();
      }
    }
    // Its end may be copied to another file.
    names.remove(last);
    for (Repair repair : lane.repairs()) {
      if (repair instanceof Repair.Quarantine bad) {
        names.remove(bad.segment());
      }
    }
    return names;
  }

  private void add(Path directory, Set<String> untouched) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      List<Path> kept =
          entries
              .filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().endsWith(".lock"))
              .filter(file -> !untouched.contains(file.getFileName().toString()))
              .sorted()
              .toList();
      files.put(directory, kept);
    }
  }

  long bytes() throws IOException {
    long bytes = 0;
    for (List<Path> those : files.values()) {
      for (Path file : those) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Those of a second copy go nowhere into a data directory, which is the journal's. */
  private Path targetFor(Path directory) {
    Path absolute = directory.toAbsolutePath().normalize();
    return seconds.contains(directory)
        ? directoryFor(absolute.getParent()).resolve(absolute.getFileName())
        : directoryFor(absolute);
  }

  /** Where the copies of a directory's files go. */
  Path directoryFor(Path directory) {
    return directory.resolveSibling(directory.getFileName() + suffix);
  }

  /** Copies and syncs; the directories made. */
  List<Path> write() throws IOException {
    List<Path> made = new ArrayList<>();
    for (Map.Entry<Path, List<Path>> entry : files.entrySet()) {
      Path target = targetFor(entry.getKey());
      Files.createDirectories(target);
      made.add(target);
      for (Path file : entry.getValue()) {
        Path copy = target.resolve(file.getFileName());
        Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
        force(copy);
      }
      force(target);
      force(target.getParent());
      force(target.getParent().getParent());
    }
    return made;
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
