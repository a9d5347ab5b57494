/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * What went wrong, by what the engine does about it. These five are all there are.
 *
 * @since 0.1
 */
public abstract sealed class MillraceException extends RuntimeException
    permits ConfigurationException,
        TransientException,
        RejectedException,
        StorageException,
        InvariantViolation {
  private static final long serialVersionUID = 1L;

  MillraceException(String message, Throwable cause) {
    super(message, cause);
  }
}
