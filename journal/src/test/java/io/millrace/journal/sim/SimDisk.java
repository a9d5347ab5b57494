/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.sim;

import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.DiskFullException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory that forgets on demand what was not synced, and fails on demand. Deterministic
 * for a given random. Guarded by its own monitor.
 *
 * <p>{@link #crash} keeps any part of the unsynced writes, in sectors of 512 bytes, and undoes any
 * suffix of the unsynced operations of each directory. A sync that fails drops part of what it was
 * to make durable for good, though reads go on to show it and later syncs succeed, as Linux does.
 */
public final class SimDisk implements SimMachine {
  private static final int SECTOR_BYTES = 512;

  /** What happens at a call that was chosen to fail. */
  public enum Fault {
    IO_ERROR,
    NO_SPACE,
    /** Writes half, then fails; other calls take place and fail. */
    PARTIAL
  }

  private final Random random;
  private final TreeMap<Path, Directory> directories = new TreeMap<>();
  private final Set<Path> locked = new HashSet<>();
  private final List<String> trace = new ArrayList<>();

  private long capacityBytes = Long.MAX_VALUE;
  private long callCount;
  private long failFrom = Long.MAX_VALUE;
  private long failUntil = Long.MAX_VALUE;
  private long powerOffAt = Long.MAX_VALUE;
  private Fault fault = Fault.IO_ERROR;
  private long throwAt = Long.MAX_VALUE;
  private Error thrown;
  private int boot;
  private boolean isSyncIgnored;
  private boolean isUnreadable;
  private boolean isGone;

  public SimDisk(Random random) {
    this.random = random;
  }

  private static final class Directory {
    final TreeMap<String, Inode> names = new TreeMap<>();
    TreeMap<String, Inode> durableNames = new TreeMap<>();

    /** The names after each operation since the last sync. */
    final List<TreeMap<String, Inode>> unsynced = new ArrayList<>();

    void changed() {
      unsynced.add(new TreeMap<>(names));
    }
  }

  private static final class Inode {
    byte[] current = new byte[0];
    byte[] durable = new byte[0];
    final List<Extent> unsynced = new ArrayList<>();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Extent(int position, byte[] bytes) {}

  /** Calls so far that may fail: all but reads and questions. */
  @Override
  public synchronized long callCount() {
    return callCount;
  }

  /** What the calls were, for a test that has to find one. */
  public synchronized List<String> trace() {
    return List.copyOf(trace);
  }

  @Override
  public synchronized void failOnce(long call, Fault kind) {
    failFrom = call;
    failUntil = call + 1;
    fault = kind;
  }

  @Override
  public synchronized void failFrom(long call, Fault kind) {
    failFrom = call;
    failUntil = Long.MAX_VALUE;
    fault = kind;
  }

  /** That call takes no effect and throws what no disk should. */
  public synchronized void throwOnce(long call, Error error) {
    throwAt = call;
    thrown = error;
  }

  /** That call and all after it fail, as if the machine had stopped before it. */
  @Override
  public synchronized void powerOffAt(long call) {
    powerOffAt = call;
  }

  @Override
  public synchronized boolean isPowerOff() {
    return callCount >= powerOffAt;
  }

  @Override
  public synchronized void heal() {
    failFrom = Long.MAX_VALUE;
    failUntil = Long.MAX_VALUE;
    isUnreadable = false;
  }

  @Override
  public synchronized void capacityBytes(long bytes) {
    capacityBytes = bytes;
  }

  /** Reads fail until {@link #heal}. */
  @Override
  public synchronized void failReads() {
    isUnreadable = true;
  }

  /** Pulled out, with nothing lost, or put back. */
  public synchronized void gone(boolean isPulledOut) {
    isGone = isPulledOut;
  }

  /** Syncs succeed and do nothing: proves that a test notices. */
  @Override
  public synchronized void ignoreSyncs() {
    isSyncIgnored = true;
  }

  /** The process ends, the machine goes on: nothing is forgotten, open files and locks are gone. */
  @Override
  public synchronized void kill() {
    boot++;
    locked.clear();
    powerOffAt = Long.MAX_VALUE;
    heal();
  }

  /** The machine stops: part of what was not synced is gone. */
  @Override
  public synchronized void crash() {
    kill();
    for (Directory directory : directories.values()) {
      int kept = random.nextInt(directory.unsynced.size() + 1);
      TreeMap<String, Inode> names =
          kept == 0 ? directory.durableNames : directory.unsynced.get(kept - 1);
      directory.unsynced.clear();
      directory.names.clear();
      directory.names.putAll(names);
      directory.durableNames = new TreeMap<>(names);
      for (Inode inode : names.values()) {
        keepSome(inode, random.nextInt(4));
        inode.current = inode.durable.clone();
      }
    }
  }

  /** Makes part of the unsynced writes durable and forgets the rest of them. */
  private void keepSome(Inode inode, int mode) {
    int count = inode.unsynced.size();
    int whole = mode == 0 ? 0 : mode == 1 ? count : random.nextInt(count + 1);
    for (int i = 0; i < count; i++) {
      Extent extent = inode.unsynced.get(i);
      if (i < whole && mode != 3) {
        inode.durable = put(inode.durable, extent.position, extent.bytes, 0, extent.bytes.length);
      } else if (mode == 3 || (mode == 2 && i == whole)) {
        keepSectors(inode, extent);
      }
    }
    inode.unsynced.clear();
  }

  private void keepSectors(Inode inode, Extent extent) {
    int at = 0;
    while (at < extent.bytes.length) {
      int sectorEnd = ((extent.position + at) / SECTOR_BYTES + 1) * SECTOR_BYTES;
      int end = Math.min(extent.bytes.length, sectorEnd - extent.position);
      if (random.nextBoolean()) {
        inode.durable = put(inode.durable, extent.position + at, extent.bytes, at, end - at);
      }
      at = end;
    }
  }

  private static byte[] put(byte[] target, int position, byte[] source, int from, int length) {
    byte[] result = target;
    if (position + length > target.length) {
      result = new byte[position + length];
      System.arraycopy(target, 0, result, 0, target.length);
    }
    System.arraycopy(source, from, result, position, length);
    return result;
  }

  /** Content of a file, for tests that look into it. */
  public synchronized byte[] content(Path file) {
    return inode(file).current.clone();
  }

  /** Changes a file behind everybody's back, durably. */
  public synchronized void overwrite(Path file, byte[] content) {
    Inode inode = inode(file);
    inode.current = content.clone();
    inode.durable = content.clone();
    inode.unsynced.clear();
  }

  /** Removes a file behind everybody's back, durably. */
  public synchronized void lose(Path file) {
    Directory directory = directories.get(file.getParent());
    directory.names.remove(file.getFileName().toString());
    directory.durableNames.remove(file.getFileName().toString());
  }

  /** All directories are gone, durably; what is open goes on as if it were not. */
  public synchronized void wipe() {
    directories.clear();
  }

  private Inode inode(Path file) {
    Inode inode = directories.get(file.getParent()).names.get(file.getFileName().toString());
    if (inode == null) {
      throw new IllegalArgumentException("no file " + file);
    }
    return inode;
  }

  /** Counts the call; true if it is to take place and fail afterwards. */
  private boolean call(String what, Path path) throws IOException {
    if (isGone) {
      throw new IOException("no disk");
    }
    long number = callCount++;
    if (trace.size() < 10_000) {
      trace.add(what + " " + path.getFileName());
    }
    if (number >= powerOffAt) {
      throw new IOException("power is off");
    }
    if (number == throwAt) {
      throw thrown;
    }
    if (number < failFrom || number >= failUntil) {
      return false;
    }
    if (fault == Fault.PARTIAL) {
      return true;
    }
    throw injected(what);
  }

  private IOException injected(String what) {
    return fault == Fault.NO_SPACE
        ? new DiskFullException("injected at " + what)
        : new IOException("injected at " + what);
  }

  private Directory directoryOf(Path file) throws IOException {
    return existing(file.getParent());
  }

  private Directory existing(Path path) throws IOException {
    Directory directory = directories.get(path);
    if (directory == null) {
      throw new FileNotFoundException(path.toString());
    }
    return directory;
  }

  @Override
  public synchronized DiskFile create(Path file) throws IOException {
    boolean fails = call("create", file);
    Directory directory = directoryOf(file);
    String name = file.getFileName().toString();
    if (directory.names.containsKey(name)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Inode inode = new Inode();
    directory.names.put(name, inode);
    directory.changed();
    if (fails) {
      throw injected("create");
    }
    return new SimFile(file, inode, boot);
  }

  @Override
  public synchronized DiskFile open(Path file) throws IOException {
    if (isPowerOff() || isGone) {
      throw new IOException("power is off, or no disk");
    }
    Inode inode = directoryOf(file).names.get(file.getFileName().toString());
    if (inode == null) {
      throw new FileNotFoundException(file.toString());
    }
    return new SimFile(file, inode, boot);
  }

  @Override
  public synchronized boolean exists(Path file) throws IOException {
    if (isGone) {
      throw new IOException("no disk");
    }
    return directoryOf(file).names.containsKey(file.getFileName().toString());
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    boolean fails = call("rename", to);
    Directory directory = directoryOf(from);
    Inode inode = directory.names.remove(from.getFileName().toString());
    if (inode == null) {
      throw new FileNotFoundException(from.toString());
    }
    directory.names.put(to.getFileName().toString(), inode);
    directory.changed();
    if (fails) {
      throw injected("rename");
    }
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    boolean fails = call("delete", file);
    Directory directory = directoryOf(file);
    if (directory.names.remove(file.getFileName().toString()) != null) {
      directory.changed();
    }
    if (fails) {
      throw injected("delete");
    }
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    if (isPowerOff() || isGone) {
      throw new IOException("power is off, or no disk");
    }
    return List.copyOf(existing(directory).names.keySet());
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    if (isGone) {
      throw new IOException("no disk");
    }
    directories.computeIfAbsent(directory, path -> new Directory());
  }

  @Override
  public synchronized void forceDirectory(Path path) throws IOException {
    boolean fails = call("forceDirectory", path);
    if (fails) {
      throw injected("forceDirectory");
    }
    Directory directory = existing(path);
    if (!isSyncIgnored) {
      directory.durableNames = new TreeMap<>(directory.names);
      directory.unsynced.clear();
    }
  }

  @Override
  public synchronized long usableSpaceBytes(Path directory) {
    return Math.max(0, capacityBytes - usedBytes());
  }

  @Override
  public synchronized long usedBytes() {
    Set<Inode> inodes = new HashSet<>();
    directories.values().forEach(directory -> inodes.addAll(directory.names.values()));
    return inodes.stream().mapToLong(inode -> inode.current.length).sum();
  }

  @Override
  public synchronized AutoCloseable tryLock(Path file) throws IOException {
    if (isGone) {
      throw new IOException("no disk");
    }
    int lockedInBoot = boot;
    return locked.add(file)
        ? () -> {
          if (lockedInBoot == boot) {
            locked.remove(file);
          }
        }
        : null;
  }

  private final class SimFile implements DiskFile {
    private final Path path;
    private final Inode inode;
    private final int openedInBoot;
    private boolean isClosed;

    SimFile(Path path, Inode inode, int openedInBoot) {
      this.path = path;
      this.inode = inode;
      this.openedInBoot = openedInBoot;
    }

    private void checkOpen() throws IOException {
      if (isClosed || openedInBoot != boot) {
        throw new IOException(path + " is closed");
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      synchronized (SimDisk.this) {
        checkOpen();
        boolean fails = call("write", path);
        int length = fails ? source.remaining() / 2 : source.remaining();
        long growth = position + length - inode.current.length;
        if (growth > 0 && growth > capacityBytes - usedBytes()) {
          throw new DiskFullException("capacity is used up");
        }
        byte[] bytes = new byte[length];
        source.get(bytes);
        inode.current = put(inode.current, (int) position, bytes, 0, length);
        inode.unsynced.add(new Extent((int) position, bytes));
        if (fails) {
          throw injected("write");
        }
      }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      synchronized (SimDisk.this) {
        checkOpen();
        if (isUnreadable || isGone || isPowerOff()) {
          throw new IOException("can't be read");
        }
        int length = (int) Math.min(target.remaining(), inode.current.length - position);
        if (length <= 0) {
          return 0;
        }
        target.put(inode.current, (int) position, length);
        return length;
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimDisk.this) {
        checkOpen();
        boolean fails;
        try {
          fails = call("force", path);
        } catch (IOException e) {
          if (!isPowerOff()) {
            keepSome(inode, random.nextInt(4));
          }
          throw e;
        }
        if (fails) {
          keepSome(inode, random.nextInt(4));
          throw injected("force");
        }
        if (!isSyncIgnored) {
          keepSome(inode, 1);
        }
      }
    }

    @Override
    public long sizeBytes() throws IOException {
      synchronized (SimDisk.this) {
        checkOpen();
        return inode.current.length;
      }
    }

    @Override
    public void close() {
      synchronized (SimDisk.this) {
        isClosed = true;
      }
    }
  }
}
