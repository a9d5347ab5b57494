/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.Frame;

/** The server's side of one connection. Confined to the thread that reads the connection. */
public interface ServerExchange {
  /** Whether the peer has shown that it speaks the protocol. */
  boolean isEstablished();

  /**
   * Decides what to do about a frame.
   *
   * @throws MalformedMessageException when the connection cannot go on
   */
  ServerTurn accept(Frame frame) throws MalformedMessageException;
}
