/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A file of a data directory, opened when it is needed, so that a backlog of many segments does not
 * hold as many descriptors. Guarded by its own monitor; who closes it makes sure that nobody uses
 * it.
 */
public final class SegmentFile {
  private final Disk disk;
  private final Path path;
  private final long fileBytes;
  private DiskFile open;

  public SegmentFile(Disk disk, Path path, long fileBytes) {
    this(disk, path, fileBytes, null);
  }

  SegmentFile(Disk disk, Path path, long fileBytes, DiskFile open) {
    this.disk = disk;
    this.path = path;
    this.fileBytes = fileBytes;
    this.open = open;
  }

  public String name() {
    return path.getFileName().toString();
  }

  public long fileBytes() {
    return fileBytes;
  }

  public synchronized DiskFile file() throws IOException {
    if (open == null) {
      open = disk.open(path);
    }
    return open;
  }

  public synchronized void close() throws IOException {
    if (open != null) {
      DiskFile closing = open;
      open = null;
      closing.close();
    }
  }

  /** Closes and deletes; whether the deletion survives a crash does not matter. */
  public void discard() throws IOException {
    close();
    disk.delete(path);
  }
}
