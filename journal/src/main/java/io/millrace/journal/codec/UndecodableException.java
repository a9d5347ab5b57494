/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

/** A stored payload is whole and can't be turned back. The message says why. */
public final class UndecodableException extends Exception {
  private final Reason reason;

  UndecodableException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** What is in the way. */
  public enum Reason {
    /** No key has the alias that it was sealed with. */
    KEY_MISSING,
    /** The key of that alias does not open it: another key, or bytes changed on purpose. */
    KEY_WRONG,
    /** It was packed in a way unknown here, or does not unpack. */
    MALFORMED
  }
}
