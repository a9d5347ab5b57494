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

  /** Copies of the file of which each can be read by itself. May change at any time. */
  default int copies() {
    return 1;
  }

  /** Like {@link #read}, from one copy only. */
  default int readCopy(int copy, ByteBuffer target, long position) throws IOException {
    return read(target, position);
  }

  /**
   * Writes to one copy what another one has there, and makes it durable. For bytes that nobody else
   * writes at the same time.
   */
  default void repairCopy(int copy, ByteBuffer source, long position) throws IOException {
    write(source, position);
    force();
  }

  @Override
  void close() throws IOException;
}
