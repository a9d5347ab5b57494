/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Copies the files that a copy lacks, a step at a time, while the lane goes on: from the moment a
 * file is begun it is written in both. Confined to one thread at a time.
 */
final class CatchUp {
  private static final int BLOCK_BYTES = 4096;

  private final Disk disk;
  private final Path source;
  private final Path target;
  private final ArrayDeque<CopiedFile> pending;
  private final ByteBuffer chunk;
  private CopiedFile current;
  private DiskFile from;
  private DiskFile to;
  private long position;
  private volatile long doneBytes;
  private volatile long totalBytes;

  CatchUp(Disk disk, Path source, Path target, List<CopiedFile> files, int chunkBytes) {
    this.disk = disk;
    this.source = source;
    this.target = target;
    this.pending = new ArrayDeque<>(files);
    this.chunk = ByteBuffer.allocate(chunkBytes);
  }

  /** For the figures; a file that is gone by now counts for nothing. */
  void measure() throws IOException {
    long bytes = 0;
    for (CopiedFile file : pending) {
      Path path = source.resolve(file.name);
      if (disk.exists(path)) {
        try (DiskFile measured = disk.open(path)) {
          bytes += measured.sizeBytes();
        }
      }
    }
    totalBytes = bytes;
  }

  long doneBytes() {
    return doneBytes;
  }

  long totalBytes() {
    return Math.max(doneBytes, totalBytes);
  }

  boolean isBetweenFiles() {
    return current == null;
  }

  /** Opens the next file on both sides, with the lane's lock held; false if there is none. */
  boolean beginFile() throws IOException {
    CopiedFile next = pending.poll();
    while (next != null && next.isDeleted) {
      next = pending.poll();
    }
    if (next == null) {
      return false;
    }
    from = disk.open(source.resolve(next.name));
    Path path = target.resolve(next.name);
    to = disk.exists(path) ? disk.open(path) : disk.create(path);
    current = next;
    position = 0;
    next.isOnTarget = true;
    return true;
  }

  /** Copies the next piece of the file that was begun. */
  void copyChunk() throws IOException {
    boolean isAtEnd;
    current.lock.lock();
    try {
      isAtEnd = current.isDeleted || !copyAt(position);
    } finally {
      current.lock.unlock();
    }
    if (isAtEnd) {
      // Also of what was written there before and synced in the source only.
      to.force();
      close();
    }
  }

  private boolean copyAt(long at) throws IOException {
    chunk.clear();
    int bytes;
    try {
      bytes = from.read(chunk, at);
    } catch (IOException e) {
      copyBlocks(at, e);
      return true;
    }
    if (bytes <= 0) {
      return false;
    }
    to.write(chunk.flip(), at);
    advance(bytes);
    return true;
  }

  /**
   * Block by block, leaving what the target has where the source can't be read: it may be right.
   */
  private void copyBlocks(long at, IOException cause) throws IOException {
    int copied = 0;
    long end = Math.min(at + chunk.capacity(), from.sizeBytes());
    for (long block = at; block < end; block += BLOCK_BYTES) {
      chunk.clear().limit((int) Math.min(BLOCK_BYTES, end - block));
      int bytes;
      try {
        bytes = from.read(chunk, block);
      } catch (IOException e) {
        continue;
      }
      if (bytes > 0) {
        to.write(chunk.flip(), block);
        copied++;
      }
    }
    if (copied == 0) {
      // The disk does not answer: nothing is known of what it holds.
      throw cause;
    }
    advance((int) (end - at));
  }

  private void advance(int bytes) {
    position += bytes;
    doneBytes += bytes;
  }

  void close() throws IOException {
    current = null;
    try (DiskFile closedFirst = from;
        DiskFile closedToo = to) {
      from = null;
      to = null;
    }
  }
}
