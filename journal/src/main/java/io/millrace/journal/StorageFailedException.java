/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Writing fails. The append was not written and never will be; the lane resumes by itself.
 *
 * @since 0.1
 */
public final class StorageFailedException extends JournalException {
  StorageFailedException(String message, Throwable cause) {
    super(Code.STORAGE_FAILED, message, cause);
  }
}
