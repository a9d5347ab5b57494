/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Every access to followed files, so that a test can let any of them fail. */
interface FileAccess {
  /** Facts of the path, or null when nothing is there. */
  FileFacts stat(Path path) throws IOException;

  /** Names in the directory, in no order. */
  List<String> list(Path directory) throws IOException;

  /** Whether a directory is there, and no link to one. */
  boolean isRealDirectory(Path path);

  OpenedFile open(Path path) throws IOException;

  /** A file held open: its inode is not given to another file meanwhile. */
  interface OpenedFile extends Closeable {
    long sizeBytes() throws IOException;

    /** Reads at a position; the number of bytes, or -1 at the end. */
    int read(ByteBuffer target, long position) throws IOException;
  }
}
