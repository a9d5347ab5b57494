/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Too many bytes wait to be written. The append was not taken: try again after others completed.
 *
 * @since 0.1
 */
public final class QueueFullException extends JournalException {
  QueueFullException(String message, Throwable cause) {
    super(Code.QUEUE_FULL, message, cause);
  }
}
