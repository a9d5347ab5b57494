/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.session.CallOutlet;
import io.millrace.rpc.session.ClientExchange;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The client's side of one connection. Calls go out without waiting for each other: Thrift's
 * servers carry out and answer those of a connection one after the other. Confined to the thread of
 * the connection; bounded by its owner, who bounds the calls.
 */
final class ThriftClientExchange implements ClientExchange {
  private final ThriftProtocol protocol;
  private final CallOutlet outlet;
  private final Deque<Call> sent = new ArrayDeque<>();
  private int lastSequenceId;

  ThriftClientExchange(ThriftProtocol protocol, CallOutlet outlet) {
    this.protocol = protocol;
    this.outlet = outlet;
  }

  @Override
  public void submit(Call call) {
    sent.add(call);
    byte[] head =
        ThriftMessages.beforeArguments(
            protocol, Method.APPEND_BATCH.wireName(), ++lastSequenceId, call.payloadBytes());
    outlet.send(head, call);
  }

  @Override
  public int openCalls() {
    return sent.size();
  }

  @Override
  public void received(Frame frame) throws MalformedMessageException {
    ThriftReader in = protocol.reader(frame.array(), frame.length());
    Answer answer;
    try {
      MessageHead head = in.readHead();
      int expected = lastSequenceId - sent.size() + 1;
      if (sent.isEmpty() || head.sequenceId() != expected) {
        throw new MalformedMessageException(
            "answer with sequence id "
                + head.sequenceId()
                + (sent.isEmpty() ? " (expected: none)" : " (expected: " + expected + ")"));
      }
      answer = ThriftMessages.readAnswer(head.type(), in);
    } catch (MalformedThriftException e) {
      throw new MalformedMessageException(e.getMessage(), e);
    }
    sent.remove().answer().complete(answer);
  }

  @Override
  public List<Call> abandon() {
    List<Call> open = new ArrayList<>(sent);
    sent.clear();
    return open;
  }
}
