/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** A disk on which nothing below one directory can be changed while it fails. */
final class FailingBelow implements Disk {
  private final Disk disk;
  private final Path directory;
  private volatile boolean isFailing;

  FailingBelow(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  void fail(boolean fails) {
    isFailing = fails;
  }

  private void check(Path path) throws IOException {
    if (isFailing && path.startsWith(directory)) {
      throw new IOException(path + ": injected");
    }
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    check(file);
    return new FailingFile(file, disk.create(file));
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    return new FailingFile(file, disk.open(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    return disk.exists(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    check(to);
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    check(file);
    disk.delete(file);
  }

  @Override
  public List<String> list(Path listed) throws IOException {
    return disk.list(listed);
  }

  @Override
  public void createDirectories(Path created) throws IOException {
    disk.createDirectories(created);
  }

  @Override
  public void forceDirectory(Path forced) throws IOException {
    check(forced);
    disk.forceDirectory(forced);
  }

  @Override
  public long usableSpaceBytes(Path asked) throws IOException {
    return disk.usableSpaceBytes(asked);
  }

  @Override
  public AutoCloseable tryLock(Path file) throws IOException {
    return disk.tryLock(file);
  }

  private final class FailingFile implements DiskFile {
    private final Path path;
    private final DiskFile file;

    FailingFile(Path path, DiskFile file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      check(path);
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void force() throws IOException {
      check(path);
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
