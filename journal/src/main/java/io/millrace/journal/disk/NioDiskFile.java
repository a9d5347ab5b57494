/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file behind a {@link FileChannel}. As safe for threads as the channel. */
final class NioDiskFile implements DiskFile {
  private final FileChannel channel;

  /** Null if every write goes through the page cache. */
  private final UncachedChannel uncached;

  NioDiskFile(FileChannel channel, UncachedChannel uncached) {
    this.channel = channel;
    this.uncached = uncached;
  }

  @Override
  public void write(ByteBuffer source, long position) throws IOException {
    try {
      long at = uncached == null ? position : uncached.write(source, position);
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
    } catch (IOException e) {
      throw translate(e);
    }
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    int total = 0;
    while (target.hasRemaining()) {
      int bytes = channel.read(target, position + total);
      if (bytes < 0) {
        break;
      }
      total += bytes;
    }
    return total;
  }

  @Override
  public void force() throws IOException {
    try {
      // By the descriptor that wrote: both are of one file, unless somebody replaced it under us.
      if (uncached != null && uncached.force()) {
        return;
      }
      channel.force(false);
    } catch (IOException e) {
      throw translate(e);
    }
  }

  @Override
  public long sizeBytes() throws IOException {
    return channel.size();
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (uncached != null) {
        uncached.close();
      }
    }
  }

  /** The JDK has no type for ENOSPC and EDQUOT: their text is all there is. */
  static IOException translate(IOException e) {
    String message = String.valueOf(e.getMessage());
    boolean isFull =
        message.contains("No space left on device") || message.contains("Disk quota exceeded");
    return isFull ? new DiskFullException(message, e) : e;
  }
}
