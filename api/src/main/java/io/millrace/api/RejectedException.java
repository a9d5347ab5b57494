/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Events that can never be accepted. They are counted, go to the dead letter channel if there is
 * one, and the rest goes on.
 *
 * @since 0.1
 */
public final class RejectedException extends MillraceException {
  private static final long serialVersionUID = 1L;

  public RejectedException(String message) {
    super(message, null);
  }

  public RejectedException(String message, Throwable cause) {
    super(message, cause);
  }
}
