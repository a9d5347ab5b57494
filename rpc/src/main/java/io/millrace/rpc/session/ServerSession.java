/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.EventBatch;
import io.millrace.api.MalformedBatchException;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameEncoder;
import java.util.Optional;

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
  private boolean isFromMillrace;

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
      isFromMillrace = request.isMillrace();
      request.clientProtocol().ifPresent(text -> protocols.learn(request.clientHash()));
      if (!protocols.contains(request.clientHash())) {
        byte[] none = response(request, Handshake.Match.NONE);
        return new ServerTurn.Negotiate(FrameEncoder.frame(frame.serial(), none));
      }
      handshake = matched(request);
      established = true;
    }
    return call(frame.serial(), handshake, reader);
  }

  @Override
  public Optional<byte[]> refusal(Frame beginning, String problem) {
    byte[] handshake = NO_HANDSHAKE;
    if (!established) {
      try {
        Handshake.Request request = Handshake.Request.read(new MessageReader(beginning));
        if (!protocols.contains(request.clientHash()) && request.clientProtocol().isEmpty()) {
          return Optional.empty();
        }
        isFromMillrace = request.isMillrace();
        handshake = matched(request);
      } catch (MalformedMessageException e) {
        return Optional.empty();
      }
    }
    AvroCall call = new AvroCall(beginning.serial(), handshake, isFromMillrace);
    return Optional.of(call.lastAnswer(Answer.CallError.permanent(problem)));
  }

  private static byte[] matched(Handshake.Request request) {
    boolean serverKnown = EventProtocol.isOurs(request.serverHash());
    return response(request, serverKnown ? Handshake.Match.BOTH : Handshake.Match.CLIENT);
  }

  private static byte[] response(Handshake.Request request, Handshake.Match match) {
    return Handshake.Response.encode(
        match, !EventProtocol.isOurs(request.serverHash()), request.isMillrace());
  }

  private ServerTurn call(int serial, byte[] handshake, MessageReader reader)
      throws MalformedMessageException {
    var metadata = reader.readMetadata("call metadata");
    AvroCall call = new AvroCall(serial, handshake, isFromMillrace);
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
          call,
          ServerTurn.Reason.MALFORMED_EVENTS,
          Answer.CallError.permanent("Events are malformed: " + e.getMessage()));
    }
    String name = reader.readString(MAX_NAME_BYTES, "message name");
    if (name.isEmpty()) {
      // Avro's ping: the Java library answers the handshake and nothing more.
      return new ServerTurn.Negotiate(FrameEncoder.frame(serial, call.handshake()));
    }
    return refuse(
        call,
        ServerTurn.Reason.UNKNOWN_MESSAGE,
        new Answer.CallError("Unknown message (expected: append or appendBatch)"));
  }

  private static ServerTurn refuse(
      AvroCall call, ServerTurn.Reason reason, Answer.CallError error) {
    return new ServerTurn.Refuse(reason, error.text(), call.answer(error));
  }
}
