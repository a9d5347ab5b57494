/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Every call that the sink makes to a file system, so that a test can fail each. Confined to the
 * writer thread, as are its files.
 */
interface RollDisk {
  /** Says what keeps the directory from being written to, or null. */
  String problemWith(Path directory);

  /**
   * Makes a new file.
   *
   * @throws FileAlreadyExistsException when there is something of that name
   */
  RollFile create(Path path) throws IOException;

  /** Makes what was created or deleted in the directory outlast a power cut. */
  void syncDirectory(Path directory) throws IOException;

  void delete(Path path) throws IOException;

  /** A file's length, and when it was last written to. */
  record FileFacts(long bytes, Instant modified) {}

  /** Null when there is no regular file of that name. */
  FileFacts facts(Path path) throws IOException;

  /** What this process may still write to the disk of the directory. */
  long freeBytes(Path directory) throws IOException;

  /** The whole of a small file; null when there is none. */
  byte[] read(Path path) throws IOException;

  /** Opens a file, which is made if need be, to write behind its end. */
  RollFile append(Path path) throws IOException;

  /** Puts these bytes in the place of a file's, or leaves it as it was; synced. */
  void replace(Path path, byte[] bytes) throws IOException;

  /** A file that grows. */
  interface RollFile {
    void write(byte[] bytes, int offset, int length) throws IOException;

    void sync() throws IOException;

    void truncate(long length) throws IOException;

    void close() throws IOException;
  }
}
