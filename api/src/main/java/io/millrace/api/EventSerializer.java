/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes events into one file of a store. One instance a file. Confined to the thread that writes
 * the file.
 *
 * @since 0.1
 */
public interface EventSerializer {
  /** Called once, before the first event of a new file. */
  default void begin() throws IOException {}

  void write(EventView event) throws IOException;

  /** Hands everything written so far to the stream, so that what was synced can be read. */
  default void flush() throws IOException {}

  /** Called once, before the file is closed. */
  default void end() throws IOException {}

  /** Makes a serializer for one file. */
  @FunctionalInterface
  interface Factory {
    /** The serializer does not close {@code target}. */
    EventSerializer open(OutputStream target) throws IOException;
  }
}
