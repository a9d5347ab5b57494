/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventView;
import java.io.IOException;

/** Events on their way into one file. Confined to the turn that has the file. */
interface EventFile {
  /**
   * Writes an event; it may be in a buffer still.
   *
   * @throws io.millrace.api.RejectedException when the event can never be written; nothing of it
   *     was
   */
  void write(EventView event) throws IOException;

  /** Brings everything written so far where the options want it. */
  void sync() throws IOException;

  /** Ends the file: whatever the format has at its end, then the stream. */
  void close() throws IOException;

  /** Closes the stream as it is: what it still has may be added to the file. */
  void closeStream() throws IOException;

  /** The same for a file that nobody will read; adds nothing where the store lets it be. */
  void abort() throws IOException;

  /** Whether {@link #sync} keeps what it says before the file is closed. */
  boolean canSync();

  /** Copies of the block under way, or -1 when the file system does not say. */
  int replicas() throws IOException;
}
