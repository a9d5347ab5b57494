/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.components.content.Compression;
import io.millrace.components.content.FileContent;
import io.millrace.components.taildir.ArchivedFiles.EndRead;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Inflates a compressed file once from its beginning to its end, as far as there is time, and finds
 * the last position before which the bytes were read before. Memory: a chunk and the window of the
 * compression; nothing is kept of the content. Confined to the source's thread.
 */
final class Inflation implements Closeable {
  private static final int CHUNK_BYTES = 256 << 10;

  private final FileFacts packed;
  private final FileContent content;
  private final List<EndRead> ends;
  private final byte[] chunk = new byte[Mark.MAX_BYTES + CHUNK_BYTES];
  private int carriedBytes;
  private long inflatedBytes;
  private int nextEnd;
  private EndRead best;

  /**
   * @param ends with known marks, by their positions
   */
  Inflation(Path path, FileFacts packed, List<EndRead> ends) throws IOException {
    this.packed = packed;
    this.ends = ends;
    this.content = FileContent.open(path);
  }

  boolean isCompressed() {
    return content.compression() != Compression.NONE;
  }

  /** The file, whatever its name is now. */
  FileId id() {
    return packed.id();
  }

  /** Whether the file is still as it was at the beginning. */
  boolean isCurrent(FileFacts facts) {
    return packed.equals(facts);
  }

  /** Goes on by one chunk at least; whether all is inflated. */
  boolean advance(BooleanSupplier isTimeUp) throws IOException {
    do {
      int read = content.read(chunk, carriedBytes, chunk.length - carriedBytes);
      if (read < 0) {
        return true;
      }
      int filled = carriedBytes + read;
      inflatedBytes += read;
      matchEnds(filled);
      carriedBytes = Math.min(filled, Mark.MAX_BYTES);
      System.arraycopy(chunk, filled - carriedBytes, chunk, 0, carriedBytes);
    } while (!isTimeUp.getAsBoolean());
    return false;
  }

  private void matchEnds(int filled) {
    while (nextEnd < ends.size() && ends.get(nextEnd).position().position() <= inflatedBytes) {
      EndRead end = ends.get(nextEnd++);
      int offset = filled - (int) (inflatedBytes - end.position().position());
      if (end.position().mark().matches(chunk, offset)) {
        best = end;
      }
    }
  }

  long inflatedBytes() {
    return inflatedBytes;
  }

  /** Where reading ended before, or null when nothing of it was read. */
  EndRead best() {
    return best;
  }

  /** Closes the file; what that throws is of no consequence for one that is only read. */
  @Override
  public void close() {
    try {
      content.close();
    } catch (IOException e) {
      // Nothing was written through it.
    }
  }
}
