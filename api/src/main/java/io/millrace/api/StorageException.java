/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * The storage under a channel fails. The channel refuses events and raises an alarm until the
 * storage is back.
 *
 * @since 0.1
 */
public final class StorageException extends MillraceException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
