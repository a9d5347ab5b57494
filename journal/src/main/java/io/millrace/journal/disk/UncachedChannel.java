/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes whole blocks of a file past the page cache ({@code O_DIRECT}). Saves the copy into it and
 * the memory that it takes from other programs; reading is not affected. What is not made of whole
 * blocks, or lies on a file system that knows no such writes, is left to the caller.
 *
 * <p>Confined to one writer at a time.
 */
final class UncachedChannel implements Closeable {

  /** What every buffer, position and length must be a multiple of. */
  static final int BLOCK_BYTES = 4096;

  /** Opens a file for writing this way. */
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path path) throws IOException;
  }

  private final Path path;
  private final Opener opener;
  private FileChannel channel;
  private boolean isRefused;

  /** Whether a write went this way. Then a failure is one of the disk, and not of this way. */
  private boolean isProven;

  /** The file must keep its name until the first write, or until {@link #open}. */
  UncachedChannel(Path path) {
    this(path, file -> FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT));
  }

  UncachedChannel(Path path, Opener opener) {
    this.path = path;
    this.opener = opener;
  }

  /** Opens the file at once, so that it may be renamed. */
  void open() {
    if (channel == null && !isRefused) {
      try {
        channel = opener.open(path);
      } catch (IOException | UnsupportedOperationException e) {
        // Nothing is lost by the ordinary way; a real fault shows there.
        isRefused = true;
      }
    }
  }

  /**
   * Writes as much of the buffer as this way is open to, from its start.
   *
   * @return the position in the file where the caller goes on with what remains
   */
  long write(ByteBuffer source, long position) throws IOException {
    long at = position;
    while (source.hasRemaining() && !isRefused && isAligned(source, at)) {
      open();
      if (channel == null) {
        break;
      }
      try {
        at += channel.write(source, at);
        isProven = true;
      } catch (IOException e) {
        if (isProven) {
          throw e;
        }
        // The file system wants larger blocks, or none. A real fault shows on the ordinary way.
        isRefused = true;
        close();
      }
    }
    return at;
  }

  private static boolean isAligned(ByteBuffer source, long position) {
    return source.isDirect()
        && position % BLOCK_BYTES == 0
        && source.remaining() % BLOCK_BYTES == 0
        && source.alignmentOffset(source.position(), BLOCK_BYTES) == 0;
  }

  /**
   * Makes all of the file durable that was written before, either way.
   *
   * @return false if the caller must, because nothing was written this way
   */
  boolean force() throws IOException {
    if (channel == null || !isProven) {
      return false;
    }
    channel.force(false);
    return true;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      FileChannel closing = channel;
      channel = null;
      closing.close();
    }
  }
}
