/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The disks of this machine. Immutable.
 *
 * <p>A thread that uses it must not be interrupted: an interrupt closes the channel under
 * everybody.
 *
 * @since 0.1
 */
public final class NioDisk implements Disk {

  /**
   * Lock files held by this process. Static because POSIX locks belong to the process: closing any
   * other descriptor of the file, as a second attempt in the same process would, gives the lock
   * away.
   */
  private static final Set<Path> LOCKED_FILES = ConcurrentHashMap.newKeySet();

  private final boolean isUncached;

  /** Writes go through the page cache. */
  public NioDisk() {
    this(false);
  }

  private NioDisk(boolean isUncached) {
    this.isUncached = isUncached;
  }

  /**
   * Writes of whole blocks from direct buffers go past the page cache, where the file system allows
   * it. For who syncs each write anyway: others would wait for the disk at each.
   */
  public static NioDisk uncached() {
    return new NioDisk(true);
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      UncachedChannel uncached = uncached(file);
      if (uncached != null) {
        // What is created is mostly renamed before it is closed.
        uncached.open();
      }
      return new NioDiskFile(channel, uncached);
    } catch (IOException e) {
      throw NioDiskFile.translate(e);
    }
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    return new NioDiskFile(
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE), uncached(file));
  }

  private UncachedChannel uncached(Path file) {
    return isUncached ? new UncachedChannel(file) : null;
  }

  @Override
  public boolean exists(Path file) {
    return Files.exists(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw NioDiskFile.translate(e);
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(Files::isRegularFile)
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath();
    if (Files.isDirectory(absolute)) {
      return;
    }
    Path parent = absolute.getParent();
    if (parent != null) {
      createDirectories(parent);
    }
    Files.createDirectories(absolute);
    if (parent != null) {
      forceDirectory(parent);
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public long usableSpaceBytes(Path directory) throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }

  @Override
  public AutoCloseable tryLock(Path file) throws IOException {
    Path key = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
    if (!LOCKED_FILES.add(key)) {
      return null;
    }
    FileChannel channel = null;
    boolean isLocked = false;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      isLocked = channel.tryLock() != null;
    } finally {
      if (!isLocked) {
        LOCKED_FILES.remove(key);
        if (channel != null) {
          channel.close();
        }
      }
    }
    return isLocked ? new HeldLock(key, channel) : null;
  }

  /** Whether somebody, in this process or another, has the lock. Writes nothing. */
  public static boolean isLocked(Path file) throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    Path key = file.toAbsolutePath().getParent().toRealPath().resolve(file.getFileName());
    if (LOCKED_FILES.contains(key)) {
      return true;
    }
    // A shared lock asks for no right to write. It is given back with the channel.
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.tryLock(0, Long.MAX_VALUE, true) == null;
    }
  }

  private record HeldLock(Path key, FileChannel channel) implements AutoCloseable {
    @Override
    public void close() throws IOException {
      // Closing the channel gives the lock back.
      channel.close();
      LOCKED_FILES.remove(key);
    }
  }
}
