/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.components.batchfile.BatchFileReader;
import io.millrace.kit.log.LogText;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which files of a directory are replayed, oldest first, and what else is in it. Immutable.
 *
 * @param passedOver files that were last written to before the window began
 */
record DirectoryPlan(List<StoredFile> files, List<Finding> foreign, int passedOver) {
  /** How far clocks may be apart before a file is passed over for its time. */
  static final Duration CLOCK_SLACK = Duration.ofHours(1);

  /** A file written to so lately may be written to yet. */
  static final Duration LIVE = Duration.ofSeconds(60);

  private static final int BEGIN_BYTES = 4096;

  /**
   * As the path managers of file_roll name them: by milliseconds or to the second, and a number.
   */
  private static final Pattern ROLLED =
      Pattern.compile(".*(\\d{13}|\\d{14})-\\d+(\\.[^/]*)?", Pattern.DOTALL);

  /** The sink's own list. */
  private static final Pattern LIST = Pattern.compile("\\.file_roll\\..*\\.list(\\.new)?");

  DirectoryPlan {
    files = List.copyOf(files);
    foreign = List.copyOf(foreign);
  }

  long totalBytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  /**
   * Looks at every file of the directory, not below it.
   *
   * @param asked the format of them all, when it is not to be found out
   * @param own files of the replay itself
   */
  static DirectoryPlan of(
      Path directory,
      ReplayWindow window,
      Optional<StoredFormat> asked,
      Set<Path> own,
      long nowMillis)
      throws IOException {
    List<StoredFile> files = new ArrayList<>();
    List<Finding> foreign = new ArrayList<>();
    int passedOver = 0;
    List<Path> entries;
    try (Stream<Path> listed = Files.list(directory)) {
      entries = listed.sorted().toList();
    }
    for (Path path : entries) {
      String name = path.getFileName().toString();
      if (LIST.matcher(name).matches() || own.contains(path.toAbsolutePath().normalize())) {
        continue;
      }
      Object found = look(path, asked, nowMillis);
      if (found instanceof Finding finding) {
        foreign.add(finding);
      } else if (found instanceof StoredFile file && file.bytes() > 0) {
        if (file.modifiedMillis() < window.fromMillis()
            && window.fromMillis() - file.modifiedMillis() > CLOCK_SLACK.toMillis()) {
          passedOver++;
        } else {
          files.add(file);
        }
      }
    }
    files.sort(
        Comparator.comparingLong(StoredFile::modifiedMillis)
            .thenComparingInt(file -> file.name().length())
            .thenComparing(StoredFile::name));
    return new DirectoryPlan(files, foreign, passedOver);
  }

  /** A stored file, or what is to be said of it. */
  private static Object look(Path path, Optional<StoredFormat> asked, long nowMillis) {
    String name = path.getFileName().toString();
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        return foreign(name, "is a directory; give it by itself");
      }
      if (!attributes.isRegularFile()) {
        return foreign(name, "is no file");
      }
      byte[] begin = begin(path);
      Optional<StoredFormat> format = asked.or(() -> format(name, begin));
      if (format.isEmpty()) {
        return foreign(name, "is not a file of events that is known (--format says what it is)");
      }
      long modified = attributes.lastModifiedTime().toMillis();
      return new StoredFile(
          name, attributes.size(), modified, format.get(), nowMillis - modified < LIVE.toMillis());
    } catch (IOException e) {
      return new Finding(
          -1,
          Finding.Kind.UNREADABLE,
          Finding.UNKNOWN_EVENTS,
          LogText.of(name) + ": could not be read: " + LogText.of(e.toString()));
    }
  }

  private static Finding foreign(String name, String why) {
    return new Finding(-1, Finding.Kind.FOREIGN, 0, LogText.of(name) + ": " + why);
  }

  private static byte[] begin(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(BEGIN_BYTES);
    }
  }

  private static Optional<StoredFormat> format(String name, byte[] begin) {
    if (BatchFileReader.isOne(begin)) {
      return Optional.of(StoredFormat.MILLRACE_BATCH);
    }
    if (AvroContainerEvents.isOne(begin)) {
      return Optional.of(StoredFormat.AVRO_EVENT);
    }
    boolean isText = !name.startsWith(".") && ROLLED.matcher(name).matches() && !hasZero(begin);
    return isText ? Optional.of(StoredFormat.TEXT) : Optional.empty();
  }

  /** No text has one; what a power cut or a damaged head leaves mostly does. */
  private static boolean hasZero(byte[] begin) {
    for (byte each : begin) {
      if (each == 0) {
        return true;
      }
    }
    return false;
  }
}
