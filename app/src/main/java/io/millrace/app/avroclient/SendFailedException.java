/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

/** Events were not taken; the message says why. */
public final class SendFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  SendFailedException(String message) {
    super(message);
  }
}
