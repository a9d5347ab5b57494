/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.EventBatch;
import io.millrace.api.MalformedBatchException;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameEncoder;

/**
 * The server's side of one connection. Confined to the thread that reads the connection.
 *
 * <p>With C = the client's protocol is known or comes with the request, and S = the client guessed
 * our hash: C and S answer BOTH; C alone answers CLIENT with our protocol; without C the answer is
 * NONE, with our protocol unless S, and the call is not carried out.
 */
public final class ServerSession implements ServerExchange {
  private static final byte[] NO_HANDSHAKE = {};

  /** Longest message name that is read. */
  private static final int MAX_NAME_BYTES = 256;

  private final KnownProtocols protocols;
  private boolean established;

  public ServerSession(KnownProtocols protocols) {
    this.protocols = protocols;
  }

  @Override
  public boolean isEstablished() {
    return established;
  }

  @Override
  public ServerTurn accept(Frame frame) throws MalformedMessageException {
    MessageReader reader = new MessageReader(frame);
    byte[] handshake = NO_HANDSHAKE;
    if (!established) {
      Handshake.Request request = Handshake.Request.read(reader);
      request.clientProtocol().ifPresent(text -> protocols.learn(request.clientHash()));
      boolean serverKnown = EventProtocol.isOurs(request.serverHash());
      if (!protocols.contains(request.clientHash())) {
        byte[] none =
            Handshake.Response.encode(Handshake.Match.NONE, !serverKnown, request.isMillrace());
        return new ServerTurn.Negotiate(FrameEncoder.frame(frame.serial(), none));
      }
      handshake =
          Handshake.Response.encode(
              serverKnown ? Handshake.Match.BOTH : Handshake.Match.CLIENT,
              !serverKnown,
              request.isMillrace());
      established = true;
    }
    return call(frame.serial(), handshake, reader);
  }

  private static ServerTurn call(int serial, byte[] handshake, MessageReader reader)
      throws MalformedMessageException {
    var metadata = reader.readMetadata("call metadata");
    AvroCall call = new AvroCall(serial, handshake);
    try {
      if (reader.takeIfString(Method.APPEND_BATCH.wireName())) {
        EventBatch batch = EventBatch.parse(reader.array(), reader.offset(), reader.remaining());
        return new ServerTurn.Execute(new Request(Method.APPEND_BATCH, batch, metadata), call);
      }
      if (reader.takeIfString(Method.APPEND.wireName())) {
        EventBatch batch =
            EventBatch.parseEvent(reader.array(), reader.offset(), reader.remaining());
        return new ServerTurn.Execute(new Request(Method.APPEND, batch, metadata), call);
      }
    } catch (MalformedBatchException e) {
      return refuse(
          call, ServerTurn.Reason.MALFORMED_EVENTS, "Events are malformed: " + e.getMessage());
    }
    String name = reader.readString(MAX_NAME_BYTES, "message name");
    if (name.isEmpty()) {
      // Avro's ping: the Java library answers the handshake and nothing more.
      return new ServerTurn.Negotiate(FrameEncoder.frame(serial, call.handshake()));
    }
    return refuse(
        call,
        ServerTurn.Reason.UNKNOWN_MESSAGE,
        "Unknown message (expected: append or appendBatch)");
  }

  private static ServerTurn refuse(AvroCall call, ServerTurn.Reason reason, String problem) {
    return new ServerTurn.Refuse(reason, problem, call.answer(new Answer.CallError(problem)));
  }
}
