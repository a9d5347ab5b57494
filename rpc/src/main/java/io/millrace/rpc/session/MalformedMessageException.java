/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/** A frame whose message is not of the protocol. The connection cannot go on. */
public final class MalformedMessageException extends Exception {
  private static final long serialVersionUID = 1L;

  public MalformedMessageException(String message) {
    super(message);
  }

  public MalformedMessageException(String message, Throwable cause) {
    super(message, cause);
  }
}
