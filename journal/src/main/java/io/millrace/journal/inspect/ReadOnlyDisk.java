/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** A disk of which only reading is left: any other call is a defect. Confined to one thread. */
public final class ReadOnlyDisk implements Disk {
  private final Disk disk;

  /** Opens files without the right to write, and knows their times. */
  private final boolean isOfThisMachine;

  /** The directories that are read instead of one, the preferred one first. */
  private final Map<Path, List<Path>> copies;

  /** What a start would repair, by file and copy. Bytes of damaged places only. */
  private final Map<Path, List<NavigableMap<Long, byte[]>>> repaired = new HashMap<>();

  private ReadOnlyDisk(Disk disk, boolean isOfThisMachine, Map<Path, List<Path>> copies) {
    this.disk = disk;
    this.isOfThisMachine = isOfThisMachine;
    this.copies = copies;
  }

  public static ReadOnlyDisk ofThisMachine() {
    return new ReadOnlyDisk(new NioDisk(), true, Map.of());
  }

  /** For another disk than this machine's, one whose locks are no files. */
  public static ReadOnlyDisk over(Disk disk) {
    return new ReadOnlyDisk(disk, false, Map.of());
  }

  /** Reads each of these directories from its copies, the preferred one first. */
  ReadOnlyDisk reading(Map<Path, List<Path>> directories) {
    return new ReadOnlyDisk(disk, isOfThisMachine, new HashMap<>(directories));
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    List<Path> places = places(file);
    if (places == null) {
      return openOne(file);
    }
    List<DiskFile> open = new ArrayList<>();
    IOException failure = null;
    for (Path place : places) {
      try {
        open.add(openOne(place));
      } catch (IOException e) {
        failure = e;
      }
    }
    if (open.isEmpty()) {
      throw failure == null ? new NoSuchFileException(file.toString()) : failure;
    }
    List<NavigableMap<Long, byte[]>> known =
        repaired.computeIfAbsent(file, path -> new ArrayList<>());
    while (known.size() < open.size()) {
      known.add(new TreeMap<>());
    }
    return new CopiedReading(open, known);
  }

  private DiskFile openOne(Path file) throws IOException {
    return isOfThisMachine
        ? new ChannelFile(FileChannel.open(file, StandardOpenOption.READ))
        : new GuardedFile(disk.open(file));
  }

  /** Null for a file of a directory that is read as it is. */
  private List<Path> places(Path file) {
    List<Path> directories = file.getParent() == null ? null : copies.get(file.getParent());
    return directories == null
        ? null
        : directories.stream().map(directory -> directory.resolve(file.getFileName())).toList();
  }

  /** Where the file is: in the first copy that has it. */
  Path placeOf(Path file) throws IOException {
    List<Path> places = places(file);
    if (places != null) {
      for (Path place : places) {
        if (disk.exists(place)) {
          return place;
        }
      }
    }
    return file;
  }

  /** Drops what is known of repairs of the file, as they are found again. */
  void forgetRepairs(Path file) {
    repaired.remove(file);
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return disk.exists(placeOf(file));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<Path> directories = copies.get(directory);
    if (directories == null) {
      return disk.list(directory);
    }
    TreeSet<String> names = new TreeSet<>();
    IOException failure = null;
    int done = 0;
    for (Path each : directories) {
      try {
        names.addAll(disk.list(each));
        done++;
      } catch (IOException e) {
        failure = e;
      }
    }
    if (done == 0) {
      throw failure == null ? new NoSuchFileException(directory.toString()) : failure;
    }
    return List.copyOf(names);
  }

  @Override
  public long usableSpaceBytes(Path directory) throws IOException {
    List<Path> directories = copies.getOrDefault(directory, List.of());
    long bytes = disk.usableSpaceBytes(directories.isEmpty() ? directory : directories.get(0));
    for (Path each : directories) {
      bytes = Math.min(bytes, disk.usableSpaceBytes(each));
    }
    return bytes;
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
        ? Optional.of(Files.getLastModifiedTime(placeOf(file)).toInstant())
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

  static IllegalStateException refusal(String what) {
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
