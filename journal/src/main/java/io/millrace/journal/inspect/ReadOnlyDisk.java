/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A disk of which only reading is left: any other call is a defect. Immutable. */
public final class ReadOnlyDisk implements Disk {
  private final Disk disk;

  /** Opens files without the right to write, and knows their times. */
  private final boolean isOfThisMachine;

  private ReadOnlyDisk(Disk disk, boolean isOfThisMachine) {
    this.disk = disk;
    this.isOfThisMachine = isOfThisMachine;
  }

  public static ReadOnlyDisk ofThisMachine() {
    return new ReadOnlyDisk(new NioDisk(), true);
  }

  /** For another disk than this machine's, one whose locks are no files. */
  public static ReadOnlyDisk over(Disk disk) {
    return new ReadOnlyDisk(disk, false);
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    return isOfThisMachine
        ? new ChannelFile(FileChannel.open(file, StandardOpenOption.READ))
        : new GuardedFile(disk.open(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return disk.exists(file);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public long usableSpaceBytes(Path directory) throws IOException {
    return disk.usableSpaceBytes(directory);
  }

  /** Whether somebody holds the lock that the file stands for. */
  boolean isLocked(Path file) throws IOException {
    if (isOfThisMachine) {
      return NioDisk.isLocked(file);
    }
    AutoCloseable lock = disk.tryLock(file);
    if (lock == null) {
      return true;
    }
    try {
      lock.close();
    } catch (Exception e) {
      throw new IOException("lock " + file + " can't be given back", e);
    }
    return false;
  }

  /** When the file was written last, if that is known. */
  Optional<Instant> modified(Path file) throws IOException {
    return isOfThisMachine
        ? Optional.of(Files.getLastModifiedTime(file).toInstant())
        : Optional.empty();
  }

  long fileBytes(Path file) throws IOException {
    try (DiskFile open = open(file)) {
      return open.sizeBytes();
    }
  }

  @Override
  public DiskFile create(Path file) {
    throw refusal("create " + file);
  }

  @Override
  public void rename(Path from, Path to) {
    throw refusal("rename " + from);
  }

  @Override
  public void delete(Path file) {
    throw refusal("delete " + file);
  }

  @Override
  public void createDirectories(Path directory) {
    throw refusal("create " + directory);
  }

  @Override
  public void forceDirectory(Path directory) {
    throw refusal("sync " + directory);
  }

  @Override
  public AutoCloseable tryLock(Path file) {
    throw refusal("lock " + file);
  }

  private static IllegalStateException refusal(String what) {
    return new IllegalStateException("an inspection only reads, but was to " + what);
  }

  private record GuardedFile(DiskFile file) implements DiskFile {
    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public long sizeBytes() throws IOException {
      return file.sizeBytes();
    }

    @Override
    public void write(ByteBuffer source, long position) {
      throw refusal("write");
    }

    @Override
    public void force() {
      throw refusal("sync");
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private record ChannelFile(FileChannel channel) implements DiskFile {
    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      int total = 0;
      while (target.hasRemaining()) {
        int bytes = channel.read(target, position + total);
        if (bytes < 0) {
          break;
        }
        total += bytes;
      }
      return total;
    }

    @Override
    public long sizeBytes() throws IOException {
      return channel.size();
    }

    @Override
    public void write(ByteBuffer source, long position) {
      throw refusal("write");
    }

    @Override
    public void force() {
      throw refusal("sync");
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
