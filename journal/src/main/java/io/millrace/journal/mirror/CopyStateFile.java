/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.NewerFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A file that holds a state twice, in two slots. It is changed in place, one slot after the other,
 * so that leaving a copy out needs no space on the disk that is left, and a torn write or a flipped
 * bit costs one slot at most. Confined to its caller.
 */
final class CopyStateFile {
  static final String NAME = "copy.state";
  static final String NEW_SUFFIX = ".new";

  private static final int SLOTS = 2;

  private final Disk disk;
  private final Path directory;
  private final Path file;

  CopyStateFile(Disk disk, Path directory, String name) {
    this.disk = disk;
    this.directory = directory;
    this.file = directory.resolve(name);
  }

  /** The latest state in the file, or null if there is none that is intact. */
  CopyState read() throws IOException {
    if (!disk.exists(file)) {
      return null;
    }
    try (DiskFile source = disk.open(file)) {
      CopyState[] slots = slots(source);
      return slots[latest(slots)];
    }
  }

  /** Whether both slots hold the same. */
  boolean isWhole() throws IOException {
    if (!disk.exists(file)) {
      return false;
    }
    try (DiskFile source = disk.open(file)) {
      CopyState[] slots = slots(source);
      return slots[0] != null && slots[0].equals(slots[1]);
    }
  }

  private static CopyState[] slots(DiskFile source) throws IOException {
    ByteBuffer content = ByteBuffer.allocate(SLOTS * CopyState.SLOT_BYTES);
    source.read(content, 0);
    content.flip();
    try {
      return new CopyState[] {
        CopyState.decode(content, 0), CopyState.decode(content, CopyState.SLOT_BYTES)
      };
    } catch (NewerFormatException e) {
      throw new IOException("written by a later version of Millrace", e);
    }
  }

  private static int latest(CopyState[] slots) {
    boolean isSecond =
        slots[1] != null && (slots[0] == null || slots[1].generation() > slots[0].generation());
    return isSecond ? 1 : 0;
  }

  /** Makes the state durable. After an exception the file holds this state or the one before. */
  void write(CopyState state) throws IOException {
    if (!disk.exists(file)) {
      create(state);
      return;
    }
    try (DiskFile target = disk.open(file)) {
      int latest = latest(slots(target));
      for (int slot : new int[] {SLOTS - 1 - latest, latest}) {
        target.write(state.encode(), (long) slot * CopyState.SLOT_BYTES);
        target.force();
      }
    }
  }

  private void create(CopyState state) throws IOException {
    Path unfinished = directory.resolve(file.getFileName() + NEW_SUFFIX);
    disk.delete(unfinished);
    try (DiskFile target = disk.create(unfinished)) {
      for (int slot = 0; slot < SLOTS; slot++) {
        target.write(state.encode(), (long) slot * CopyState.SLOT_BYTES);
      }
      target.force();
    }
    disk.rename(unfinished, file);
    disk.forceDirectory(directory);
  }
}
