/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/** What a server does about a frame it received. */
public sealed interface ServerTurn {
  /** Carries out the request, then answers with {@link PendingCall#answer}. */
  record Execute(Request request, PendingCall call) implements ServerTurn {}

  /** Sends this frame: the peer has to say which protocol it means. */
  record Negotiate(byte[] frame) implements ServerTurn {}

  /** Sends this frame: the call cannot be carried out, the connection goes on. */
  record Refuse(Reason reason, String problem, byte[] frame) implements ServerTurn {}

  /** Why a call is refused. */
  enum Reason {
    MALFORMED_EVENTS,
    UNKNOWN_MESSAGE
  }
}
