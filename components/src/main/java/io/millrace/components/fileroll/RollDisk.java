/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;

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

  /** A file that grows. */
  interface RollFile {
    void write(byte[] bytes, int offset, int length) throws IOException;

    void sync() throws IOException;

    void truncate(long length) throws IOException;

    void close() throws IOException;
  }
}
