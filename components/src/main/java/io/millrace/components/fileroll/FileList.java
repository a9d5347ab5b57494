/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The files that a sink wrote, by name, a line each, in a hidden file of their directory: what is
 * not in it was written by somebody else, whatever it is called. A file gets its line once it is
 * made, so that a crash in between leaves one that is never removed, not one that is removed
 * wrongly. Confined to the writer thread.
 */
final class FileList {
  /** Lines of files that are gone before the list is written anew. */
  private static final int MAX_STALE_LINES = 1000;

  /** What the names of lists begin and end with. */
  static final String PREFIX = ".file_roll.";

  static final String SUFFIX = ".list";

  private final RollDisk disk;
  private final Path directory;
  private final Path path;
  private int lines;

  FileList(RollDisk disk, Path directory, String agent, String sink) {
    this.disk = disk;
    this.directory = directory;
    this.path = directory.resolve(PREFIX + safe(agent) + "." + safe(sink) + SUFFIX);
  }

  private static String safe(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace(".", "%2E");
  }

  /** The paths in it, oldest first; those that lead out of the directory are left out. */
  List<Path> read() throws IOException {
    byte[] bytes = disk.read(path);
    if (bytes == null) {
      return List.of();
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    // A last line without its end was torn: a name that is cut off may be that of another file.
    String whole = text.substring(0, text.lastIndexOf('\n') + 1);
    Set<Path> paths = new LinkedHashSet<>();
    for (String line : whole.lines().toList()) {
      Path listed = Path.of(directory.toString(), line).normalize();
      lines++;
      if (listed.startsWith(directory.normalize()) && !listed.equals(directory.normalize())) {
        paths.add(listed);
      }
    }
    return new ArrayList<>(paths);
  }

  void add(Path file) throws IOException {
    RollDisk.RollFile list = disk.append(path);
    try {
      // The first feed ends a line that a crash may have torn; empty lines say nothing.
      byte[] line = ("\n" + relative(file) + "\n").getBytes(StandardCharsets.UTF_8);
      list.write(line, 0, line.length);
      list.sync();
    } finally {
      list.close();
    }
    lines++;
  }

  private String relative(Path file) {
    return directory.normalize().relativize(file.normalize()).toString();
  }

  /** Writes the list anew if most of its lines are of files that are gone. */
  void compact(Collection<Path> there) throws IOException {
    if (lines - there.size() < MAX_STALE_LINES) {
      return;
    }
    StringBuilder text = new StringBuilder();
    there.forEach(file -> text.append(relative(file)).append('\n'));
    disk.replace(path, text.toString().getBytes(StandardCharsets.UTF_8));
    lines = there.size();
  }
}
