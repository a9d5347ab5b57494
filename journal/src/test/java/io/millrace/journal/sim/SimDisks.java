/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.sim;

import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Several disks in one machine, each with its own part of the paths: the first name of a path says
 * which. A fault hits one of them, by chance; the power goes for all. Confined to the test's
 * thread.
 */
public final class SimDisks implements SimMachine {
  private final Random random;
  private final List<Path> roots;
  private final List<SimDisk> disks = new ArrayList<>();
  private long callCount;
  private long powerOffAt = Long.MAX_VALUE;

  /**
   * @param roots the directory under which each disk is
   */
  public SimDisks(Random random, List<Path> roots) {
    this.random = random;
    this.roots = List.copyOf(roots);
    roots.forEach(root -> disks.add(new SimDisk(new Random(random.nextLong()))));
  }

  public SimDisk disk(int index) {
    return disks.get(index);
  }

  public SimDisk diskOf(Path path) {
    for (int i = 0; i < roots.size(); i++) {
      if (path.startsWith(roots.get(i))) {
        return disks.get(i);
      }
    }
    throw new IllegalArgumentException("no disk for " + path);
  }

  private SimDisk anyDisk() {
    return disks.get(random.nextInt(disks.size()));
  }

  private void each(Consumer<SimDisk> action) {
    disks.forEach(action);
  }

  private SimDisk called(Path path) throws IOException {
    if (callCount++ >= powerOffAt) {
      throw new IOException("power is off");
    }
    return diskOf(path);
  }

  private SimDisk read(Path path) throws IOException {
    if (isPowerOff()) {
      throw new IOException("power is off");
    }
    return diskOf(path);
  }

  @Override
  public long callCount() {
    return callCount;
  }

  @Override
  public void failOnce(long call, SimDisk.Fault kind) {
    SimDisk disk = anyDisk();
    disk.failOnce(disk.callCount() + call - callCount, kind);
  }

  @Override
  public void failFrom(long call, SimDisk.Fault kind) {
    SimDisk disk = anyDisk();
    disk.failFrom(disk.callCount() + call - callCount, kind);
  }

  @Override
  public void powerOffAt(long call) {
    powerOffAt = call;
  }

  @Override
  public boolean isPowerOff() {
    return callCount >= powerOffAt;
  }

  @Override
  public void heal() {
    each(SimDisk::heal);
  }

  /** Of one of them, that much above what all of them hold now. */
  @Override
  public void capacityBytes(long bytes) {
    if (bytes == Long.MAX_VALUE) {
      each(disk -> disk.capacityBytes(bytes));
    } else {
      SimDisk disk = anyDisk();
      disk.capacityBytes(disk.usedBytes() + bytes - usedBytes());
    }
  }

  @Override
  public long usedBytes() {
    return disks.stream().mapToLong(SimDisk::usedBytes).sum();
  }

  @Override
  public void failReads() {
    anyDisk().failReads();
  }

  @Override
  public void ignoreSyncs() {
    each(SimDisk::ignoreSyncs);
  }

  @Override
  public void kill() {
    powerOffAt = Long.MAX_VALUE;
    each(SimDisk::kill);
  }

  @Override
  public void crash() {
    powerOffAt = Long.MAX_VALUE;
    each(SimDisk::crash);
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return new File(file, called(file).create(file));
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    return new File(file, read(file).open(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return read(file).exists(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    called(from).rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    called(file).delete(file);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return read(directory).list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    read(directory).createDirectories(directory);
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    called(directory).forceDirectory(directory);
  }

  @Override
  public long usableSpaceBytes(Path directory) {
    return diskOf(directory).usableSpaceBytes(directory);
  }

  @Override
  public AutoCloseable tryLock(Path file) throws IOException {
    return diskOf(file).tryLock(file);
  }

  private final class File implements DiskFile {
    private final Path path;
    private final DiskFile file;

    File(Path path, DiskFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      called(path);
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      SimDisks.this.read(path);
      return file.read(target, position);
    }

    @Override
    public void force() throws IOException {
      called(path);
      file.force();
    }

    @Override
    public long sizeBytes() throws IOException {
      return file.sizeBytes();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
