/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.NavigableMap;

/**
 * A file in the copies that a start would read. What would be repaired in one of them is kept in
 * memory, and read as if it were there. Confined to one thread.
 */
final class CopiedReading implements DiskFile {
  private final List<DiskFile> copies;

  /** For each copy: bytes by their position. Outlives this handle. */
  private final List<NavigableMap<Long, byte[]>> repaired;

  CopiedReading(List<DiskFile> copies, List<NavigableMap<Long, byte[]>> repaired) {
    this.copies = copies;
    this.repaired = repaired;
  }

  @Override
  public int copies() {
    return copies.size();
  }

  /** From the first that answers. */
  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int start = target.position();
    IOException failure = null;
    for (int copy = 0; copy < copies.size(); copy++) {
      try {
        return readCopy(copy, target, position);
      } catch (IOException e) {
        target.position(start);
        if (failure != null) {
          e.addSuppressed(failure);
        }
        failure = e;
      }
    }
    throw failure;
  }

  @Override
  public int readCopy(int copy, ByteBuffer target, long position) throws IOException {
    int start = target.position();
    int wanted = target.remaining();
    int bytes = Math.max(0, copies.get(copy).read(target, position));
    for (var each : repaired.get(copy).headMap(position + wanted, false).entrySet()) {
      long from = Math.max(position, each.getKey());
      long to = Math.min(position + wanted, each.getKey() + each.getValue().length);
      for (long hole = position + bytes; from < to && hole < from; hole++) {
        target.put(start + (int) (hole - position), (byte) 0);
      }
      if (from < to) {
        int at = start + (int) (from - position);
        target.put(at, each.getValue(), (int) (from - each.getKey()), (int) (to - from));
        bytes = Math.max(bytes, (int) (to - position));
      }
    }
    target.position(start + bytes);
    return bytes;
  }

  @Override
  public void repairCopy(int copy, ByteBuffer source, long position) {
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    repaired.get(copy).put(position, bytes);
  }

  /** Of the longest. */
  @Override
  public long sizeBytes() throws IOException {
    long size = -1;
    IOException failure = null;
    for (DiskFile copy : copies) {
      try {
        size = Math.max(size, copy.sizeBytes());
      } catch (IOException e) {
        failure = e;
      }
    }
    if (size < 0) {
      throw failure;
    }
    return size;
  }

  @Override
  public void write(ByteBuffer source, long position) {
    throw ReadOnlyDisk.refusal("write");
  }

  @Override
  public void force() {
    throw ReadOnlyDisk.refusal("sync");
  }

  @Override
  public void close() throws IOException {
    for (DiskFile copy : copies) {
      copy.close();
    }
  }
}
