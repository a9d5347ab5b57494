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
}
