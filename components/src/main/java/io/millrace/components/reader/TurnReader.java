/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.reader;

/** Reads and sends in turns. Confined to the thread of its {@link ReaderThread}. */
public interface TurnReader {
  /** One turn; time in nanoseconds until the next is due, unless woken before. */
  long turn();

  /**
   * Reads and sends no more from now on; answers to what is in flight still count by turns. What
   * was refused is read again after the restart.
   */
  void stopReading();

  /** Whether no answer is to come. */
  boolean isAnswered();

  /** Saves the positions and closes the files. */
  void close();
}
