/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/**
 * What HDFS does by itself and Hadoop's client does not do on a disk of this machine: names are
 * never taken from other files, and what a directory holds is synced. Immutable; safe for many
 * threads.
 */
final class LocalDisk {
  private final RawLocalFileSystem raw;

  /** Null unless there are files of checksums; nothing can be synced then. */
  private final LocalFileSystem checksummed;

  private LocalDisk(RawLocalFileSystem raw, LocalFileSystem checksummed) {
    this.raw = raw;
    this.checksummed = checksummed;
  }

  /** Empty for a file system that is not of this machine. */
  static Optional<LocalDisk> of(FileSystem files) {
    if (files instanceof RawLocalFileSystem raw) {
      return Optional.of(new LocalDisk(raw, null));
    }
    if (files instanceof LocalFileSystem local
        && local.getRawFileSystem() instanceof RawLocalFileSystem raw) {
      return Optional.of(new LocalDisk(raw, local));
    }
    return Optional.empty();
  }

  private java.nio.file.Path file(Path path) {
    return raw.pathToFile(path).toPath();
  }

  /** Makes the directory and those above it, and syncs what they are in. */
  void makeDirectory(Path directory) throws IOException {
    Deque<java.nio.file.Path> missing = new ArrayDeque<>();
    java.nio.file.Path at = file(directory);
    while (at != null && !Files.isDirectory(at)) {
      missing.push(at);
      at = at.getParent();
    }
    if (!raw.mkdirs(directory)) {
      throw new IOException(directory + " could not be made");
    }
    for (java.nio.file.Path made : missing) {
      if (made.getParent() != null) {
        syncDirectory(made.getParent());
      }
    }
  }

  /** Makes names of files safe that were made, given or deleted in the directory. */
  void sync(Path directory) throws IOException {
    if (checksummed == null) {
      syncDirectory(file(directory));
    }
  }

  private static void syncDirectory(java.nio.file.Path directory) throws IOException {
    // A thread that hangs here may be interrupted: that closes this channel, which is its own.
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (java.nio.file.AccessDeniedException e) {
      // Windows opens no directories, and its names need no sync; nor can a directory be synced
      // that may be written to and not be read.
      return;
    }
  }

  /** Makes an empty file; fails if there is any of that name. */
  void reserve(Path path) throws IOException {
    makeDirectory(path.getParent());
    Files.createFile(file(path));
  }

  /**
   * Gives a file another name in its directory. As rename does not mind what has the name, this is
   * a second name first, which is refused if there is a file, and then the end of the first one.
   *
   * @return the name it has, which a run that died may have given it; empty when the name is taken,
   *     also by the file itself whose first name is gone
   */
  Optional<Path> rename(Path from, Path to) throws IOException {
    java.nio.file.Path source = file(from);
    java.nio.file.Path target = file(to);
    try {
      Optional<java.nio.file.Path> given = otherName(source);
      if (given.isPresent()) {
        target = given.get();
      } else {
        Files.createLink(target, source);
      }
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    } catch (NoSuchFileException e) {
      if (Files.exists(target)) {
        return Optional.empty();
      }
      throw e;
    } catch (FileSystemException | UnsupportedOperationException e) {
      return renameWithoutLinks(from, to);
    }
    Path named = new Path(from.getParent(), target.getFileName().toString());
    takeChecksums(from, named);
    Files.deleteIfExists(source);
    sync(from.getParent());
    return Optional.of(named);
  }

  /**
   * A disk without second names, such as FAT: looks whether the name is free, as well as it can.
   */
  private Optional<Path> renameWithoutLinks(Path from, Path to) throws IOException {
    try {
      Files.move(file(from), file(to));
    } catch (FileAlreadyExistsException e) {
      return Optional.empty();
    }
    takeChecksums(from, to);
    sync(from.getParent());
    return Optional.of(to);
  }

  private void takeChecksums(Path from, Path to) throws IOException {
    if (checksummed == null) {
      return;
    }
    java.nio.file.Path source = file(checksummed.getChecksumFile(from));
    if (Files.exists(source)) {
      // Of a file that is no more, if there is one: the name was free.
      Files.move(
          source,
          file(checksummed.getChecksumFile(to)),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** The name that the file got from a run that died before it took the first one away. */
  private static Optional<java.nio.file.Path> otherName(java.nio.file.Path file)
      throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")
        || (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS) < 2) {
      return Optional.empty();
    }
    try (Stream<java.nio.file.Path> all = Files.list(file.getParent())) {
      for (java.nio.file.Path each : (Iterable<java.nio.file.Path>) all::iterator) {
        if (!each.equals(file) && isSame(each, file)) {
          return Optional.of(each);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean isSame(java.nio.file.Path one, java.nio.file.Path other)
      throws IOException {
    try {
      return Files.isSameFile(one, other);
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
