/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import io.millrace.app.CommandFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Where crash records are kept, the newest {@code keep} of them. Confined to one thread. */
final class CrashDirectory {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final String OWN_FILES = "crash-\\d{8}T\\d{6}\\.\\d{3}Z-\\d+\\.txt(\\.part)?";
  private static final int MAX_REPORT_LINES = 3_000;
  private static final int MAX_REPORT_LINE = 2_000;

  private final Path directory;
  private final int keep;

  private CrashDirectory(Path directory, int keep) {
    this.directory = directory;
    this.keep = keep;
  }

  /**
   * Makes the directory if it is not there.
   *
   * @throws CommandFailedException when nothing can be written there
   */
  static CrashDirectory open(Path directory, int keep) {
    try {
      Files.createDirectories(directory);
      // Tried, not asked: root may write where the permissions say otherwise.
      Files.delete(Files.createTempFile(directory, "probe-", ".part"));
    } catch (IOException e) {
      throw new CommandFailedException(
          1,
          "--crash-dir "
              + directory
              + ": crash records cannot be written there ("
              + e
              + "). Name another directory, or '--crash-dir none' to keep no records",
          e);
    }
    return new CrashDirectory(directory, keep);
  }

  /**
   * Writes a record whole or not at all, and deletes the oldest beyond the bound.
   *
   * @throws IOException when it cannot be written; nothing of it is then there
   */
  Path write(CrashRecord record) throws IOException {
    String name = "crash-" + STAMP.format(record.time()) + "-" + record.pid() + ".txt";
    Path part = directory.resolve(name + ".part");
    Path file = directory.resolve(name);
    try {
      Files.writeString(part, record.text());
      if (Files.getFileStore(part).supportsFileAttributeView("posix")) {
        // Log lines may say more than everyone should read.
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r-----"));
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    deleteOldest();
    return file;
  }

  private void deleteOldest() throws IOException {
    List<Path> own = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      files.filter(file -> file.getFileName().toString().matches(OWN_FILES)).forEach(own::add);
    }
    // The names begin with the time.
    own.sort(null);
    for (Path oldest : own.subList(0, Math.max(0, own.size() - keep))) {
      Files.delete(oldest);
    }
  }

  /** The beginning of a report that the JVM left; empty when there is none. */
  static List<String> read(Path jvmReport) {
    List<String> lines = new ArrayList<>();
    if (!Files.isRegularFile(jvmReport)) {
      return lines;
    }
    lines.add("(from " + jvmReport + ")");
    try (BufferedReader reader = Files.newBufferedReader(jvmReport, StandardCharsets.ISO_8859_1)) {
      String line;
      while (lines.size() < MAX_REPORT_LINES && (line = reader.readLine()) != null) {
        lines.add(line.length() > MAX_REPORT_LINE ? line.substring(0, MAX_REPORT_LINE) : line);
      }
    } catch (IOException e) {
      lines.add("(it cannot be read to its end: " + e.getMessage() + ")");
    }
    return lines;
  }
}
