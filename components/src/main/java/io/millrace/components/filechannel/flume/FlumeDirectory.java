/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A directory that Flume's file channel may have used, and the folder in it that Flume's files are
 * moved to. Immutable.
 */
record FlumeDirectory(Path path, Role role) {
  static final String FOLDER = "flume-files";
  static final String LOCK = "in_use.lock";

  /** A directory inside Flume's checkpoint directory, rebuilt by it at each start. */
  private static final String SCRATCH = "queueset";

  /** What the directory is for, and which files of Flume's are in it. */
  enum Role {
    DATA("log-\\d+(\\.meta(\\.tmp|\\.old)?|\\.bak)?"),
    CHECKPOINT(
        "checkpoint(\\.meta(\\.tmp|\\.old)?|\\.snappy)?|inflightputs|inflighttakes|backupComplete");

    private final Pattern names;

    Role(String names) {
      this.names = Pattern.compile(names);
    }
  }

  Path folder() {
    return path.resolve(FOLDER);
  }

  boolean hasFolder() {
    return Files.isDirectory(folder());
  }

  /** Names of Flume's files that are still where Flume put them. */
  List<String> unmoved(Disk disk) throws IOException {
    return names(disk, path);
  }

  /** Names of Flume's files in the folder. */
  List<String> moved(Disk disk) throws IOException {
    return hasFolder() ? names(disk, folder()) : List.of();
  }

  private List<String> names(Disk disk, Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    List<String> names = new ArrayList<>(disk.list(directory));
    names.removeIf(name -> !role.names.matcher(name).matches());
    if (role == Role.CHECKPOINT && Files.isDirectory(directory.resolve(SCRATCH))) {
      names.add(SCRATCH);
    }
    return names;
  }

  /** Moves what is not moved yet; may be stopped anywhere and called again. */
  void move(Disk disk) throws IOException {
    List<String> names = unmoved(disk);
    if (names.isEmpty()) {
      return;
    }
    disk.createDirectories(folder());
    for (String name : names) {
      disk.rename(path.resolve(name), folder().resolve(name));
    }
    // The new names before the old ones: a file that is in both places after a power cut is one.
    disk.forceDirectory(folder());
    disk.forceDirectory(path);
  }

  /** Deletes a file of the folder, or the scratch directory with what is in it. */
  void delete(Disk disk, String name) throws IOException {
    Path file = folder().resolve(name);
    if (Files.isDirectory(file)) {
      for (String inner : disk.list(file)) {
        disk.delete(file.resolve(inner));
      }
    }
    disk.delete(file);
  }
}
