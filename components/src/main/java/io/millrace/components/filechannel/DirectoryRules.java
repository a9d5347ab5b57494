/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.ConfigurationException;
import io.millrace.api.StorageException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * No directory of a file channel lies inside another, of the same channel or of another: who
 * deletes, moves or mounts over one would take the other with it. Only reads. Stateless.
 */
final class DirectoryRules {
  /** Each is in every directory of its kind, whatever channel it is of. */
  private static final List<String> IDENTITIES = List.of("lane.id", "journal.id");

  private DirectoryRules() {}

  /** Throws when two of the paths are the same, or one lies inside another. */
  static void refuseOverlaps(Path checkpointDir, List<Path> dataDirs, Optional<Path> backupDir) {
    List<Path> all = new ArrayList<>(dataDirs);
    all.add(checkpointDir);
    backupDir.ifPresent(all::add);
    for (int i = 0; i < all.size(); i++) {
      for (int j = 0; j < all.size(); j++) {
        if (i != j && all.get(i).startsWith(all.get(j))) {
          throw new ConfigurationException(
              "dataDirs",
              "directories: "
                  + dataDirs
                  + ", checkpointDir "
                  + checkpointDir
                  + backupDir.map(path -> ", backupCheckpointDir " + path).orElse("")
                  + " (expected: all different, none inside another): "
                  + (all.get(i).equals(all.get(j))
                      ? all.get(i) + " is named twice"
                      : all.get(i) + " lies inside " + all.get(j)));
        }
      }
    }
  }

  /** As above, with all links followed; and none lies inside, or around, one of another channel. */
  static void refuse(String channel, FileChannelOptions options) {
    try {
      Path checkpointDir = real(options.checkpointDir());
      List<Path> dataDirs = new ArrayList<>();
      for (Path directory : options.dataDirs()) {
        dataDirs.add(real(directory));
      }
      Optional<Path> backupDir = Optional.empty();
      if (options.backupCheckpointDir().isPresent()) {
        backupDir = Optional.of(real(options.backupCheckpointDir().get()));
      }
      refuseOverlaps(checkpointDir, dataDirs, backupDir);
      List<Path> all = new ArrayList<>(dataDirs);
      all.add(checkpointDir);
      backupDir.ifPresent(all::add);
      for (Path directory : all) {
        refuseNeighbours(channel, directory);
      }
    } catch (IOException e) {
      throw new StorageException("Channel " + channel + ": directories cannot be read: " + e, e);
    }
  }

  /** The path with its links followed, as far as it is there. */
  private static Path real(Path path) throws IOException {
    if (Files.exists(path) || path.getParent() == null) {
      return path.toRealPath();
    }
    return real(path.getParent()).resolve(path.getFileName());
  }

  private static void refuseNeighbours(String channel, Path directory) {
    for (Path around = directory.getParent(); around != null; around = around.getParent()) {
      if (isOfAChannel(around)) {
        throw overlap(channel, directory, "lies inside", around);
      }
    }
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> inside = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path child : inside) {
        if (isOfAChannel(child) && !isSecondCopy(child)) {
          throw overlap(channel, directory, "is around", child);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The journal says that it cannot be read, and does without it if there are others.
    }
  }

  /** With two copies a data directory holds another one's, which is in nobody's way. */
  private static boolean isSecondCopy(Path directory) {
    return Files.exists(directory.resolve("copy.state"));
  }

  private static boolean isOfAChannel(Path directory) {
    return IDENTITIES.stream().anyMatch(name -> Files.exists(directory.resolve(name)));
  }

  private static ConfigurationException overlap(
      String channel, Path directory, String how, Path other) {
    return new ConfigurationException(
        "dataDirs",
        "Channel "
            + channel
            + ": "
            + directory
            + " "
            + how
            + " "
            + other
            + ", which is a directory of a file channel (expected: none inside another). Nothing"
            + " was touched; name another directory");
  }
}
