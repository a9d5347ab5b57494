/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * One file that is being written. What was committed stays whatever happens later. Confined to the
 * writer thread.
 */
final class OpenFile {
  private static final int BUFFER_BYTES = 64 * 1024;

  private final RollDisk disk;
  private final Path path;
  private final RollDisk.RollFile file;
  private final boolean isSynced;
  private final FileOutput output;
  private final EventSerializer serializer;

  /** Bytes handed to the file. */
  private long writtenBytes;

  /** Bytes that are released to nobody else: a later failure must leave them. */
  private long committedBytes;

  private boolean isDirectorySynced;

  private OpenFile(
      RollDisk disk,
      Path path,
      RollDisk.RollFile file,
      boolean isSynced,
      EventSerializer.Factory serializers)
      throws IOException {
    this.disk = disk;
    this.path = path;
    this.file = file;
    this.isSynced = isSynced;
    this.output = new FileOutput();
    this.serializer = serializers.open(output);
  }

  /** Makes the file, which must not be there yet, and writes what goes before the first event. */
  static OpenFile create(
      RollDisk disk, Path path, boolean isSynced, EventSerializer.Factory serializers)
      throws IOException {
    RollDisk.RollFile file = disk.create(path);
    try {
      OpenFile open = new OpenFile(disk, path, file, isSynced, serializers);
      open.serializer.begin();
      return open;
    } catch (IOException | RuntimeException e) {
      discard(disk, path, file, e);
      throw e;
    }
  }

  Path path() {
    return path;
  }

  long committedBytes() {
    return committedBytes;
  }

  void write(EventBatch batch) throws IOException {
    for (EventView event : batch) {
      serializer.write(event);
    }
  }

  /** Makes everything written so far as durable as the sink promises. */
  void commit() throws IOException {
    serializer.flush();
    commitBytes();
  }

  private void commitBytes() throws IOException {
    output.flush();
    if (isSynced) {
      file.sync();
      if (!isDirectorySynced) {
        disk.syncDirectory(path.getParent());
        isDirectorySynced = true;
      }
    }
    committedBytes = writtenBytes;
  }

  /** Ends a file in which everything is committed. */
  void close() throws IOException {
    serializer.end();
    output.flush();
    if (writtenBytes > committedBytes) {
      commitBytes();
    }
    file.close();
  }

  /**
   * Gives the file up after {@code failure}: what is not committed is cut off where the disk lets
   * us, since its events will be written again. Nothing is synced: after a failed sync the kernel
   * may report success for pages that it has dropped.
   */
  void abandon(Throwable failure) {
    if (committedBytes == 0) {
      discard(disk, path, file, failure);
      return;
    }
    try {
      file.truncate(committedBytes);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
    closeQuietly(file, failure);
  }

  private static void discard(RollDisk disk, Path path, RollDisk.RollFile file, Throwable failure) {
    closeQuietly(file, failure);
    try {
      disk.delete(path);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static void closeQuietly(RollDisk.RollFile file, Throwable failure) {
    try {
      file.close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Collects small writes; without the lock that a BufferedOutputStream takes for each. */
  private final class FileOutput extends OutputStream {
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int used;

    @Override
    public void write(int b) throws IOException {
      if (used == BUFFER_BYTES) {
        flush();
      }
      buffer[used++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (length > BUFFER_BYTES - used) {
        flush();
      }
      if (length >= BUFFER_BYTES) {
        writeThrough(bytes, offset, length);
      } else {
        System.arraycopy(bytes, offset, buffer, used, length);
        used += length;
      }
    }

    @Override
    public void flush() throws IOException {
      // Nothing is left when it fails, either: the file is given up then.
      int length = used;
      used = 0;
      if (length > 0) {
        writeThrough(buffer, 0, length);
      }
    }

    private void writeThrough(byte[] bytes, int offset, int length) throws IOException {
      file.write(bytes, offset, length);
      writtenBytes += length;
    }
  }
}
