/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * The journal can't do what was asked. The message says what happened, where, and what was done.
 *
 * @since 0.1
 */
public class JournalException extends RuntimeException {
  private final Code code;

  public JournalException(Code code, String message, Throwable cause) {
    super(message + " [" + code.text() + "]", cause);
    this.code = code;
  }

  public JournalException(Code code, String message) {
    this(code, message, null);
  }

  public Code code() {
    return code;
  }

  /** What kind of trouble it is. Stable: alarms and manuals refer to it. */
  public enum Code {
    /** Another process, or another journal in this one, has the directory. */
    LOCKED,
    /** A later version of Millrace wrote the directory. */
    FORMAT_NEWER,
    /** The directory belongs to another journal. */
    FOREIGN_DIRECTORY,
    /** Records are sealed with a key that is not among those given. */
    KEY_MISSING,
    /** The key of the right name does not open the records. */
    KEY_WRONG,
    /** No directory can be used. */
    STORAGE_UNUSABLE,
    /** No space: the append was not written, and never will be. */
    STORAGE_FULL,
    /** Writing fails: the append was not written, and never will be. */
    STORAGE_FAILED,
    /** Too many bytes wait to be written: the append was not taken. */
    QUEUE_FULL,
    /**
     * Written but not synced when the journal closed or its lane stopped: it may survive or not.
     */
    APPEND_IN_DOUBT,
    /** The journal is closed. */
    CLOSED,
    /** A defect of ours stopped a lane. */
    LANE_STOPPED;

    String text() {
      return "JOURNAL_" + name();
    }
  }
}
