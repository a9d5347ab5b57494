/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.EventBatch;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.Method;
import io.millrace.rpc.session.PendingCall;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.session.ServerExchange;
import io.millrace.rpc.session.ServerTurn;
import java.util.Map;
import java.util.Optional;

/**
 * The server's side of one connection. A message whose head makes sense is answered, whatever is
 * wrong with the rest, for the frames keep the connection in step. Confined to the thread that
 * reads the connection.
 */
final class ThriftServerExchange implements ServerExchange {
  private static final byte[] NO_ANSWER = {};

  private final ThriftProtocol protocol;
  private final ThriftService service;
  private boolean established;

  /** Of Flume's protocol. */
  ThriftServerExchange(ThriftProtocol protocol) {
    this(protocol, ThriftService.EVENTS);
  }

  ThriftServerExchange(ThriftProtocol protocol, ThriftService service) {
    this.protocol = protocol;
    this.service = service;
  }

  @Override
  public boolean isEstablished() {
    return established;
  }

  @Override
  public ServerTurn accept(Frame frame) throws MalformedMessageException {
    ThriftReader in = protocol.reader(frame.array(), frame.length());
    MessageHead head;
    try {
      head = in.readHead();
    } catch (MalformedThriftException e) {
      throw new MalformedMessageException(e.getMessage(), e);
    }
    if (head.type() != MessageType.CALL && head.type() != MessageType.ONEWAY) {
      throw new MalformedMessageException(
          "message type: " + head.type() + " (expected: CALL or ONEWAY)");
    }
    established = true;
    Optional<Method> method = service.method(head.name());
    if (method.isPresent()) {
      return call(head, method.get(), in);
    }
    return refuse(
        head,
        ServerTurn.Reason.UNKNOWN_MESSAGE,
        ThriftMessages.UNKNOWN_METHOD,
        new Answer.CallError("Unknown message (expected: " + service.calls() + ")"));
  }

  private ServerTurn call(MessageHead head, Method method, ThriftReader in) {
    try {
      EventBatch batch = service.read(in, method);
      return new ServerTurn.Execute(
          new Request(method, batch, Map.of()), new ThriftCall(protocol, head));
    } catch (MalformedThriftException e) {
      return refuse(
          head,
          ServerTurn.Reason.MALFORMED_EVENTS,
          ThriftMessages.PROTOCOL_ERROR,
          Answer.CallError.permanent("Events are malformed: " + e.getMessage()));
    }
  }

  private ServerTurn refuse(
      MessageHead head, ServerTurn.Reason reason, int kind, Answer.CallError error) {
    byte[] answer =
        head.type() == MessageType.ONEWAY
            ? NO_ANSWER
            : ThriftMessages.exception(protocol, head, kind, error);
    return new ServerTurn.Refuse(reason, error.text(), answer);
  }

  /** Immutable. */
  private record ThriftCall(ThriftProtocol protocol, MessageHead head) implements PendingCall {
    @Override
    public byte[] answer(Answer answer) {
      if (head.type() == MessageType.ONEWAY) {
        return NO_ANSWER;
      }
      if (answer instanceof Answer.Status status) {
        return ThriftMessages.reply(protocol, head, status);
      }
      return ThriftMessages.exception(
          protocol, head, ThriftMessages.INTERNAL_ERROR, (Answer.CallError) answer);
    }
  }
}
