/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An open file. Safe for reads by several threads beside one writer.
 *
 * @since 0.1
 */
public interface DiskFile extends Closeable {

  /**
   * Writes all that remains in the buffer. After an exception any part of it may be in the file.
   */
  void write(ByteBuffer source, long position) throws IOException;

  /** Reads until the buffer is full or the file ends, and returns the number of bytes read. */
  int read(ByteBuffer target, long position) throws IOException;

  /**
   * Makes everything written before it durable. After an exception nothing is known of what was
   * written since the last success, and a later success says nothing about it: the file must not be
   * used for writing any more.
   */
  void force() throws IOException;

  long sizeBytes() throws IOException;

  @Override
  void close() throws IOException;
}
