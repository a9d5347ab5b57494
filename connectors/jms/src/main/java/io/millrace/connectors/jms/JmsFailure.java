/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.kit.log.LogText;

/** The JMS client, or the broker through it, could not do what it was asked. */
final class JmsFailure extends Exception {
  private static final long serialVersionUID = 1L;

  JmsFailure(String what, Throwable cause) {
    super(what + ": " + LogText.of(cause), cause);
  }

  JmsFailure(String message) {
    super(message);
  }
}
