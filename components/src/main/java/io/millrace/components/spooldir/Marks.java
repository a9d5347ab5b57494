/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Marks files as finished or set aside: by a new name, by their end, or by a file in the tracker
 * directory. Nothing is ever replaced. Immutable.
 */
final class Marks {
  static final String SET_ASIDE_SUFFIX = ".SET-ASIDE";

  private static final int MAX_SET_ASIDE = 1000;
  private static final Pattern SET_ASIDE_NAME =
      Pattern.compile("(?s).*\\.SET-ASIDE(\\.[0-9]{1,3})?");

  private final SpoolDirOptions options;
  private final Path root;
  private final Path tracker;

  Marks(SpoolDirOptions options) {
    this.options = options;
    this.root = options.spoolPath();
    this.tracker = options.trackerPath();
  }

  static boolean isSetAside(String name) {
    return SET_ASIDE_NAME.matcher(name).matches();
  }

  /** What is known of a file from marks of an earlier time. */
  enum Found {
    NONE,
    /** This very file is finished. */
    FINISHED,
    /** This very file is set aside. */
    SET_ASIDE,
    /** Another file was finished under this name. */
    NAME_USED
  }

  private boolean usesNames() {
    return options.writesSpoolDir();
  }

  private Path finishedPath(Path file) {
    return usesNames()
        ? file.resolveSibling(file.getFileName() + options.fileSuffix())
        : tracker.resolve(root.relativize(file) + options.fileSuffix());
  }

  private Path setAsideTracker(Path file) {
    return tracker.resolve(root.relativize(file) + SET_ASIDE_SUFFIX);
  }

  Found find(Path file, FileFacts facts) throws IOException {
    if (options.deletePolicy() == SpoolDirOptions.DeletePolicy.IMMEDIATE) {
      return Found.NONE;
    }
    if (!usesNames() && Files.exists(setAsideTracker(file))) {
      return Found.SET_ASIDE;
    }
    Path finished = finishedPath(file);
    if (usesNames()) {
      FileFacts there = FileFacts.of(finished);
      if (there == null) {
        return Found.NONE;
      }
      // Two names for one file are left when the end of a rename is cut off.
      return there.isSameFile(facts) && !facts.isLink() ? Found.FINISHED : Found.NAME_USED;
    }
    String written;
    try {
      written = Files.readString(finished);
    } catch (NoSuchFileException e) {
      return Found.NONE;
    }
    // Flume's marks are empty: they say nothing of the file but its name.
    return written.isEmpty() || written.equals(identity(facts)) ? Found.FINISHED : Found.NAME_USED;
  }

  private static String identity(FileFacts facts) {
    return "inode "
        + facts.inode()
        + ", "
        + facts.sizeBytes()
        + " bytes, changed "
        + facts.modifiedNanos()
        + "\n";
  }

  /**
   * Marks a file all of which was delivered.
   *
   * @throws FileAlreadyExistsException when another file has the name
   */
  void finish(Path file, FileFacts facts) throws IOException {
    if (options.deletePolicy() == SpoolDirOptions.DeletePolicy.IMMEDIATE) {
      Files.deleteIfExists(file);
      return;
    }
    Path finished = finishedPath(file);
    if (!usesNames()) {
      if (find(file, facts) == Found.FINISHED) {
        return;
      }
      Files.createDirectories(finished.getParent());
      // Never half a mark: an empty one is Flume's.
      Path aside = finished.resolveSibling(finished.getFileName() + ".tmp");
      Files.writeString(aside, identity(facts));
      try {
        link(aside, finished);
      } finally {
        Files.deleteIfExists(aside);
      }
      return;
    }
    link(file, finished);
  }

  /** Gives a file another name. Unlike a rename, a link never replaces what is there. */
  private static void link(Path file, Path name) throws IOException {
    try {
      Files.createLink(name, file);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isSameFile(name, file)) {
        throw e;
      }
    } catch (UnsupportedOperationException | FileSystemException e) {
      // No links here, or none to files of others.
      if (Files.exists(name)) {
        throw new FileAlreadyExistsException(name.toString());
      }
      Files.move(file, name);
      return;
    }
    Files.deleteIfExists(file);
  }

  /**
   * Sets a file aside where it stands.
   *
   * @return its mark
   */
  Path setAside(Path file, String why) throws IOException {
    if (!usesNames()) {
      Path mark = setAsideTracker(file);
      Files.createDirectories(mark.getParent());
      Files.writeString(mark, why + "\n", StandardCharsets.UTF_8);
      return mark;
    }
    for (int number = 0; number < MAX_SET_ASIDE; number++) {
      String suffix = SET_ASIDE_SUFFIX + (number == 0 ? "" : "." + number);
      Path name = file.resolveSibling(file.getFileName() + suffix);
      try {
        link(file, name);
        return name;
      } catch (FileAlreadyExistsException e) {
        continue;
      }
    }
    throw new IOException("there are " + MAX_SET_ASIDE + " files set aside under its name");
  }

  /** The directory in which the mark of the file is made. */
  Path directoryOfMark(Path file) {
    return usesNames() ? file.getParent() : finishedPath(file).getParent();
  }
}
