/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * The append was written but could not be synced before the journal closed or a defect stopped its
 * lane: it may be delivered after the next start, or not.
 *
 * @since 0.1
 */
public final class AppendInDoubtException extends JournalException {
  AppendInDoubtException(String message, Throwable cause) {
    super(Code.APPEND_IN_DOUBT, message, cause);
  }
}
