/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Reads a file through a window that moves along with the positions asked for. What it returns is
 * valid until the next call. Confined to one thread.
 */
final class FileWindow implements Closeable {
  static final int WINDOW_BYTES = 256 << 10;

  private final DiskFile file;
  private final long fileBytes;
  private final byte[] window;
  private long windowPosition;
  private int windowBytes;

  private FileWindow(DiskFile file, long fileBytes) {
    this.file = file;
    this.fileBytes = fileBytes;
    this.window = new byte[WINDOW_BYTES];
  }

  static FileWindow open(Disk disk, Path path) throws IOException {
    DiskFile file = disk.open(path);
    try {
      return new FileWindow(file, file.sizeBytes());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  long fileBytes() {
    return fileBytes;
  }

  byte[] array() {
    return window;
  }

  /**
   * Offset in {@link #array} of the bytes at that position.
   *
   * @param length at most {@link #WINDOW_BYTES}
   * @throws UndecodableException if the file ends before
   */
  int ensure(long position, int length) throws IOException, UndecodableException {
    long inWindow = position - windowPosition;
    if (inWindow >= 0 && inWindow + length <= windowBytes) {
      return (int) inWindow;
    }
    requireInFile(position, length);
    windowBytes = 0;
    windowPosition = position;
    windowBytes = file.read(ByteBuffer.wrap(window), position);
    if (windowBytes < length) {
      throw new UndecodableException("the file ends within it");
    }
    return 0;
  }

  /** A copy of these bytes, of any number. */
  byte[] copy(long position, int length) throws IOException, UndecodableException {
    requireInFile(position, length);
    byte[] copy = new byte[length];
    if (file.read(ByteBuffer.wrap(copy), position) < length) {
      throw new UndecodableException("the file ends within it");
    }
    return copy;
  }

  int byteAt(long position) throws IOException, UndecodableException {
    int at = ensure(position, 1);
    return window[at] & 0xff;
  }

  int shortAt(long position) throws IOException, UndecodableException {
    return ByteBuffer.wrap(window, ensure(position, 2), 2).getShort();
  }

  int intAt(long position) throws IOException, UndecodableException {
    return ByteBuffer.wrap(window, ensure(position, 4), 4).getInt();
  }

  long longAt(long position) throws IOException, UndecodableException {
    return ByteBuffer.wrap(window, ensure(position, 8), 8).getLong();
  }

  void requireInFile(long position, long length) throws UndecodableException {
    if (length < 0 || length > fileBytes - position) {
      throw new UndecodableException(
          "a length of "
              + length
              + " bytes at position "
              + position
              + " (expected: at most "
              + Math.max(0, fileBytes - position)
              + ", where the file ends)");
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
