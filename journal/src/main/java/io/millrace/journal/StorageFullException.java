/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * There is no space. The append was not written and never will be; the lane resumes by itself.
 *
 * @since 0.1
 */
public final class StorageFullException extends JournalException {
  StorageFullException(String message, Throwable cause) {
    super(Code.STORAGE_FULL, message, cause);
  }
}
