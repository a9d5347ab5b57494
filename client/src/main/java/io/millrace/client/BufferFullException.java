/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.TransientException;

/**
 * The client's buffer had no room for the events, which were not taken and will not be sent.
 *
 * @since 0.1
 */
public final class BufferFullException extends TransientException {
  private static final long serialVersionUID = 1L;

  BufferFullException(String message) {
    super(message);
  }
}
