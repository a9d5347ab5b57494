/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * The journal is closed. An append that ends so was not written and never will be.
 *
 * @since 0.1
 */
public final class JournalClosedException extends JournalException {
  JournalClosedException(String message, Throwable cause) {
    super(Code.CLOSED, message, cause);
  }
}
