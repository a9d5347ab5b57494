/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Every file call of the journal. Small, so that a test can fail call number N for all N and lose
 * what was not synced. Implementations are safe for use by several threads.
 *
 * <p>A method that throws may have done its work in part or in full. Lack of space is reported as
 * {@link DiskFullException}.
 *
 * @since 0.1
 */
public interface Disk {

  /** Creates a file for reading and writing. Its name is durable after {@link #forceDirectory}. */
  DiskFile create(Path file) throws IOException;

  /** Opens an existing file for reading and writing. */
  DiskFile open(Path file) throws IOException;

  boolean exists(Path file) throws IOException;

  /** Replaces {@code to} if it exists. Durable after {@link #forceDirectory}. */
  void rename(Path from, Path to) throws IOException;

  /** Does nothing if the file does not exist. Durable after {@link #forceDirectory}. */
  void delete(Path file) throws IOException;

  /** Names of the regular files in a directory, sorted. */
  List<String> list(Path directory) throws IOException;

  /** Creates a directory and its parents, durably, if they do not exist. */
  void createDirectories(Path directory) throws IOException;

  /** Makes creations, renames and deletions in the directory durable. */
  void forceDirectory(Path directory) throws IOException;

  long usableSpaceBytes(Path directory) throws IOException;

  /**
   * Takes the exclusive lock that a file stands for, creating the file if needed. Closing the
   * result releases it; so does the end of the process.
   *
   * @return null if somebody else, in this process or another, has it
   */
  AutoCloseable tryLock(Path file) throws IOException;
}
