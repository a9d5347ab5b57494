/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.Checkpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/** One copy of the checkpoint of one lane. Guarded by its own monitor. */
public final class CheckpointStore {
  private static final String SUFFIX = ".checkpoint";

  /** A checkpoint is a few hundred bytes; ranges make it longer, but not like this. */
  private static final long SANE_FILE_BYTES = 64L << 20;

  private final Disk disk;
  private final Path directory;
  private final Path file;
  private final Path unfinished;
  private final boolean isBackup;

  public CheckpointStore(Disk disk, Path directory, int laneIndex, boolean isBackup) {
    this.disk = disk;
    this.directory = directory;
    this.isBackup = isBackup;
    String name = String.format(Locale.ROOT, "lane-%05d%s", laneIndex, SUFFIX);
    file = directory.resolve(name);
    unfinished = directory.resolve(name + LaneFiles.NEW_SUFFIX);
  }

  /** The lane whose checkpoint has this file name, or -1. */
  public static int laneIndexOf(String name) {
    boolean isOne = name.matches("lane-\\d{5}\\.checkpoint");
    return isOne ? Integer.parseInt(name, 5, 10, 10) : -1;
  }

  public synchronized void write(Checkpoint checkpoint) throws IOException {
    disk.delete(unfinished);
    try (DiskFile target = disk.create(unfinished)) {
      target.write(checkpoint.encode(), 0);
      // Force before rename: ext4 may otherwise publish an empty checkpoint after a power loss.
      target.force();
    }
    disk.rename(unfinished, file);
    disk.forceDirectory(directory);
  }

  /** The checkpoint, or null if there is none or it is damaged. */
  public synchronized Checkpoint read() throws IOException {
    if (!disk.exists(file)) {
      return null;
    }
    try (DiskFile source = disk.open(file)) {
      long bytes = source.sizeBytes();
      if (bytes > SANE_FILE_BYTES) {
        return null;
      }
      ByteBuffer content = ByteBuffer.allocate((int) bytes);
      source.read(content, 0);
      return Checkpoint.decode(content.flip());
    }
  }

  public boolean isBackup() {
    return isBackup;
  }

  public boolean exists() throws IOException {
    return disk.exists(file);
  }
}
