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

  private final Path path;
  private FileChannel channel;
  private boolean isRefused;

  /** The file must keep its name until the first write, or until {@link #open}. */
  UncachedChannel(Path path) {
    this.path = path;
  }

  /** Opens the file at once, so that it may be renamed. */
  void open() {
    if (channel == null && !isRefused) {
      try {
        channel = FileChannel.open(path, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
      } catch (IOException | UnsupportedOperationException e) {
        // Nothing is lost by the ordinary way; a real fault shows there.
        isRefused = true;
      }
    }
  }

  /**
   * Writes all that remains in the buffer, if this way is open to it.
   *
   * @return false if nothing was written and the caller must
   */
  boolean write(ByteBuffer source, long position) throws IOException {
    if (isRefused || !isAligned(source, position)) {
      return false;
    }
    open();
    int start = source.position();
    try {
      for (long at = position; !isRefused && source.hasRemaining(); ) {
        at += channel.write(source, at);
        if (source.hasRemaining() && !isAligned(source, at)) {
          refuse();
        }
      }
    } catch (IOException e) {
      if (!isUnsupported(e)) {
        throw e;
      }
      refuse();
    }
    if (isRefused) {
      source.position(start);
    }
    return !isRefused;
  }

  private static boolean isAligned(ByteBuffer source, long position) {
    return source.isDirect()
        && position % BLOCK_BYTES == 0
        && source.remaining() % BLOCK_BYTES == 0
        && source.alignmentOffset(source.position(), BLOCK_BYTES) == 0;
  }

  /** The file system wants larger blocks (said by the JDK), or none at all (said by the kernel). */
  private static boolean isUnsupported(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("multiple of the block size") || message.contains("Invalid argument");
  }

  private void refuse() throws IOException {
    isRefused = true;
    close();
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
