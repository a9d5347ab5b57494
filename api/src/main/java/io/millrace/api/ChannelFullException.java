/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * The channel had no room for the batch within its keep-alive time.
 *
 * @since 0.1
 */
public final class ChannelFullException extends TransientException {
  private static final long serialVersionUID = 1L;

  public ChannelFullException(String message) {
    super(message);
  }
}
