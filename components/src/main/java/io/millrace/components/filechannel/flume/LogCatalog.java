/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.ConfigurationException;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;

/** The data files that Flume left, by their ids. Immutable. */
final class LogCatalog {
  private static final Pattern LOG = Pattern.compile("log-(\\d{1,10})");
  private static final Pattern META = Pattern.compile("log-\\d+\\.meta(\\.tmp|\\.old)?");
  private static final int NEWEST_VERSION = 3;

  static final LogCatalog NONE = new LogCatalog();

  private final TreeMap<Integer, LogFile> files = new TreeMap<>();

  /**
   * Checks whether everything can be read, before anything is touched.
   *
   * @throws ConfigurationException if it can't: a key is missing, the format is newer, or the
   *     directories do not belong together
   */
  static void check(Disk disk, List<FlumeDirectory> directories, KeySource keys)
      throws IOException {
    Map<Integer, Path> idsSeen = new TreeMap<>();
    for (FlumeDirectory directory : directories) {
      for (Path folder : List.of(directory.path(), directory.folder())) {
        List<String> names =
            folder.equals(directory.path()) ? directory.unmoved(disk) : directory.moved(disk);
        for (String name : names) {
          Path file = folder.resolve(name);
          if (META.matcher(name).matches()) {
            checkMeta(disk, file, keys);
          }
          checkId(idsSeen, file);
        }
      }
    }
  }

  private static void checkMeta(Disk disk, Path file, KeySource keys) throws IOException {
    Optional<LogMeta> meta = LogMeta.read(disk, file);
    if (meta.isPresent()) {
      if (meta.get().version() > NEWEST_VERSION) {
        throw new ConfigurationException(
            "dataDirs",
            file
                + " has version "
                + meta.get().version()
                + " (expected: at most "
                + NEWEST_VERSION
                + ", of Flume 1.x). Nothing was touched");
      }
      meta.get().encryption().ifPresent(encryption -> key(file, encryption.alias(), keys));
    }
  }

  private static void checkId(Map<Integer, Path> idsSeen, Path file) {
    OptionalId id = OptionalId.of(file);
    if (id != null) {
      Path other = idsSeen.putIfAbsent(id.value(), file);
      if (other != null) {
        throw new ConfigurationException(
            "dataDirs",
            file
                + " and "
                + other
                + " have the same number, so that they are not of one channel, or a Flume agent"
                + " was started on these directories after they had been taken over. Nothing was"
                + " touched. Name the directories of one channel, or move one of the files away");
      }
    }
  }

  private static SecretKey key(Path file, String alias, KeySource keys) {
    return keys.key(alias)
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "encryption.keyProvider",
                    file
                        + ": its data file is encrypted with the key "
                        + alias
                        + ", which is not there (expected: encryption.keyProvider and its options"
                        + " name the key store that Flume used, and encryption.keyProvider.keys"
                        + " has "
                        + alias
                        + "). No event was touched"));
  }

  /** Number of a data file, or null. */
  private record OptionalId(int value) {
    static OptionalId of(Path file) {
      Matcher name = LOG.matcher(file.getFileName().toString());
      if (!name.matches()) {
        return null;
      }
      long number = Long.parseLong(name.group(1));
      return number < 1 || number > Integer.MAX_VALUE ? null : new OptionalId((int) number);
    }
  }

  /** Reads what the folders hold. */
  static LogCatalog of(Disk disk, List<FlumeDirectory> directories, KeySource keys)
      throws IOException {
    LogCatalog catalog = new LogCatalog();
    for (FlumeDirectory directory : directories) {
      for (String name : directory.moved(disk)) {
        Path file = directory.folder().resolve(name);
        OptionalId id = OptionalId.of(file);
        if (id != null) {
          catalog.files.put(id.value(), identify(disk, id.value(), directory, file, keys));
        }
      }
    }
    return catalog;
  }

  private static LogFile identify(
      Disk disk, int id, FlumeDirectory directory, Path path, KeySource keys) throws IOException {
    Optional<LogMeta> meta = LogMeta.find(disk, path);
    Optional<LogCipher> cipher =
        meta.flatMap(LogMeta::encryption)
            .map(
                found ->
                    new LogCipher(
                        found.alias(), key(path, found.alias(), keys), found.counterBlock()));
    LogFile.Format format =
        meta.isEmpty()
            ? formatByContent(disk, id, directory, path)
            : meta.get().version() == 2 ? LogFile.Format.V2 : LogFile.Format.V3;
    return new LogFile(id, directory.path(), path, format, cipher);
  }

  /** Version 2 has no metadata; of version 3 they may be lost. */
  private static LogFile.Format formatByContent(
      Disk disk, int id, FlumeDirectory directory, Path path) throws IOException {
    try (FileWindow window = FileWindow.open(disk, path)) {
      if (window.fileBytes() >= 4 && window.intAt(0) == 2) {
        return LogFile.Format.V2;
      }
      if (window.fileBytes() == 0 || window.byteAt(0) == LogScan.FILLER) {
        return LogFile.Format.V3;
      }
    } catch (UndecodableException e) {
      return LogFile.Format.UNKNOWN;
    }
    LogFile asV3 = new LogFile(id, directory.path(), path, LogFile.Format.V3, Optional.empty());
    List<Damage> damages = new ArrayList<>();
    try (LogScan scan = LogScan.open(asV3, disk, damages::add)) {
      boolean isV3 = scan.next(new LogRecord()) && damages.isEmpty();
      return isV3 ? LogFile.Format.V3 : LogFile.Format.UNKNOWN;
    }
  }

  /** In order of their ids. */
  Collection<LogFile> files() {
    return files.values();
  }

  /** Null if there is none of that id. */
  LogFile file(int id) {
    return files.get(id);
  }
}
