/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.Frame;
import java.util.List;

/**
 * The client's side of one connection. Confined to the thread of the connection; bounded by its
 * owner, who bounds the calls.
 */
public interface ClientExchange {
  /** Sends the call, now or as soon as the protocol lets it. */
  void submit(Call call);

  /**
   * Whether the server has said that it reads nothing more on this connection. Known before the
   * answer that says so completes; may be asked by any thread.
   */
  default boolean isServerDone() {
    return false;
  }

  /** Calls without an answer. */
  int openCalls();

  /**
   * Takes the server's answer to a call.
   *
   * @throws MalformedMessageException when the connection cannot go on
   */
  void received(Frame frame) throws MalformedMessageException;

  /** Gives up: the calls without an answer, oldest first. */
  List<Call> abandon();
}
