/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What was passed over, a line of text each, for the operator; and by that which data files are to
 * be kept. Confined to its owner's lock.
 */
final class DamageReport {
  static final String NAME = "millrace.damage.txt";
  private static final Pattern FILE_NAME = Pattern.compile("^(log-\\d+): ", Pattern.MULTILINE);

  /** Enough to say what is wrong; the names of the files are kept however many lines there are. */
  private static final int MAX_BYTES = 1 << 20;

  private final Disk disk;
  private final Path path;
  private final TreeSet<String> fileNames = new TreeSet<>();

  private DamageReport(Disk disk, Path path) {
    this.disk = disk;
    this.path = path;
  }

  static DamageReport open(Disk disk, Path folder) throws IOException {
    DamageReport report = new DamageReport(disk, folder.resolve(NAME));
    if (disk.exists(report.path)) {
      try (DiskFile file = disk.open(report.path)) {
        ByteBuffer content = ByteBuffer.allocate((int) Math.min(2L * MAX_BYTES, file.sizeBytes()));
        file.read(content, 0);
        Matcher names =
            FILE_NAME.matcher(
                new String(content.array(), 0, content.position(), StandardCharsets.UTF_8));
        while (names.find()) {
          report.fileNames.add(names.group(1));
        }
      }
    }
    return report;
  }

  boolean isEmpty() {
    return fileNames.isEmpty();
  }

  /** Whether the file, or what it belongs to, is damaged. */
  boolean names(String fileName) {
    int dot = fileName.indexOf('.');
    return fileNames.contains(dot < 0 ? fileName : fileName.substring(0, dot));
  }

  void add(Damage damage) throws IOException {
    String name = damage.file().getFileName().toString();
    boolean isNew = fileNames.add(name);
    String line =
        "%s: %d bytes at position %d: %s (%s)%n"
            .formatted(name, damage.lengthBytes(), damage.position(), damage.what(), damage.file());
    try (DiskFile file = disk.exists(path) ? disk.open(path) : disk.create(path)) {
      if (isNew || file.sizeBytes() < MAX_BYTES) {
        file.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)), file.sizeBytes());
      }
    }
  }

  void force() throws IOException {
    if (disk.exists(path)) {
      try (DiskFile file = disk.open(path)) {
        file.force();
      }
    }
  }
}
