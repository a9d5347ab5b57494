/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A disk whose calls fail from the N-th change on, as if the process ended there. */
final class CrashingDisk implements Disk {
  private final NioDisk disk = new NioDisk();
  private final boolean isSynced;
  private int changesLeft;

  CrashingDisk(int changesLeft) {
    this(changesLeft, true);
  }

  private CrashingDisk(int changesLeft, boolean isSynced) {
    this.changesLeft = changesLeft;
    this.isSynced = isSynced;
  }

  /** One that never fails and leaves out every sync, for tests that open very many. */
  static CrashingDisk unsynced() {
    return new CrashingDisk(Integer.MAX_VALUE, false);
  }

  boolean isCrashed() {
    return changesLeft < 0;
  }

  private void change() throws IOException {
    if (--changesLeft < 0) {
      changesLeft = -1;
      throw new IOException("the process has ended");
    }
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    change();
    return new CrashingFile(disk.create(file));
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    return new CrashingFile(disk.open(file));
  }

  @Override
  public boolean exists(Path file) {
    return disk.exists(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    change();
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    change();
    disk.delete(file);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    change();
    if (isSynced) {
      disk.createDirectories(directory);
    } else {
      Files.createDirectories(directory);
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    change();
    if (isSynced) {
      disk.forceDirectory(directory);
    }
  }

  @Override
  public long usableSpaceBytes(Path directory) throws IOException {
    return disk.usableSpaceBytes(directory);
  }

  @Override
  public AutoCloseable tryLock(Path file) throws IOException {
    return disk.tryLock(file);
  }

  private final class CrashingFile implements DiskFile {
    private final DiskFile file;

    private CrashingFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      try {
        change();
      } catch (IOException e) {
        // Torn: half of it is there.
        file.write(source.duplicate().limit(source.position() + source.remaining() / 2), position);
        throw e;
      }
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void force() throws IOException {
      change();
      if (isSynced) {
        file.force();
      }
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
