/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Hears what an operator should know. Called by the journal's own threads and by those that poll,
 * several at a time: implementations are safe for that, quick, and do not call the journal.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface JournalListener {
  void onEvent(JournalEvent event);

  /**
   * A sync of a lane succeeded; called for each.
   *
   * @param nanos that it took
   * @param records made durable by it
   * @param bytes that their frames take
   */
  default void onSync(int laneIndex, long nanos, long records, long bytes) {}
}
