/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

/** Ends a command with a message for the operator and an exit status; no stack trace is shown. */
public final class CommandFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  public CommandFailedException(int status, String message) {
    super(message);
    this.status = status;
  }

  public CommandFailedException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
