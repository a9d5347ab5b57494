/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Something that may work later: the engine backs off and tries again.
 *
 * @since 0.1
 */
public non-sealed class TransientException extends MillraceException {
  private static final long serialVersionUID = 1L;

  public TransientException(String message) {
    super(message, null);
  }

  public TransientException(String message, Throwable cause) {
    super(message, cause);
  }
}
