/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a sink wrote, a line each, in a hidden file of their directory: what is not in it
 * was written by somebody else, whatever it is called. A line is the name below the directory, a
 * blank, and the CRC32C of the name's UTF-8 bytes in eight hexadecimal digits: part of a line,
 * which may be somebody else's name, names nothing. A file gets its line once it is made, so that a
 * crash in between leaves one that is never removed, not one that is removed wrongly. Confined to
 * the writer thread.
 */
final class FileList {
  private static final Logger log = LoggerFactory.getLogger(FileList.class);

  /** Lines of files that are gone before the list is written anew. */
  private static final int MAX_STALE_LINES = 1000;

  /** A blank and eight digits. */
  private static final int CHECK_CHARS = 9;

  /** What the names of lists begin and end with. */
  static final String PREFIX = ".file_roll.";

  static final String SUFFIX = ".list";

  private final RollDisk disk;
  private final Path directory;
  private final Path path;
  private int lines;
  private boolean isUnusableSaid;

  FileList(RollDisk disk, Path directory, String agent, String sink) {
    this.disk = disk;
    this.directory = directory;
    this.path = directory.resolve(PREFIX + safe(agent) + "." + safe(sink) + SUFFIX);
  }

  private static String safe(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace(".", "%2E");
  }

  Path path() {
    return path;
  }

  /**
   * The paths in it, oldest first. Lines that name no file below the directory are left out: a
   * damaged list keeps no sink from its work.
   */
  List<Path> read() throws IOException {
    lines = 0;
    byte[] bytes = disk.read(path);
    if (bytes == null) {
      return List.of();
    }
    Set<Path> paths = new LinkedHashSet<>();
    int unusable = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      if (line.isEmpty()) {
        continue;
      }
      lines++;
      Path listed = listed(name(line));
      if (listed != null) {
        paths.add(listed);
      } else {
        unusable++;
      }
    }
    sayUnusable(unusable);
    return new ArrayList<>(paths);
  }

  /** Null for what is not the name of a file below the directory, on this host. */
  private Path listed(String name) {
    try {
      Path listed = Path.of(directory.toString(), name).normalize();
      boolean isBelow =
          listed.startsWith(directory.normalize()) && !listed.equals(directory.normalize());
      return isBelow ? listed : null;
    } catch (InvalidPathException e) {
      // Such as one with letters that this JVM's sun.jnu.encoding does not have.
      return null;
    }
  }

  private void sayUnusable(int unusable) {
    if (unusable > 0 && !isUnusableSaid) {
      isUnusableSaid = true;
      log.warn(
          "{}: {} of {} lines are damaged or name no file below the directory, and are left out."
              + " The files that they were to name are never removed",
          path,
          unusable,
          lines);
    }
  }

  /** The line of a name, without its end. */
  static String line(String name) {
    CRC32C crc = new CRC32C();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return name + " " + HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** The name that a line was made of; empty when it is damaged. */
  private static String name(String line) {
    String name = line.substring(0, Math.max(0, line.length() - CHECK_CHARS));
    return line(name).equals(line) ? name : "";
  }

  void add(Path file) throws IOException {
    RollDisk.RollFile list = disk.append(path);
    try {
      // The first feed ends a line that a crash or a full disk may have torn.
      byte[] line = ("\n" + line(relative(file)) + "\n").getBytes(StandardCharsets.UTF_8);
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
    there.forEach(file -> text.append(line(relative(file))).append('\n'));
    disk.replace(path, text.toString().getBytes(StandardCharsets.UTF_8));
    lines = there.size();
  }
}
