/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.Frame;
import java.util.Optional;

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

  /**
   * The answer to a request that is refused before it is read to its end; nothing can follow on the
   * connection. Empty when its beginning does not say enough to answer it.
   *
   * @param beginning the first bytes of the message
   */
  default Optional<byte[]> refusal(Frame beginning, String problem) {
    return Optional.empty();
  }
}
