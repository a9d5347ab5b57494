/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameEncoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The client's side of one connection. The first call carries the handshake; the calls behind it
 * wait until the server has taken it. Confined to the thread of the connection; bounded by its
 * owner, who bounds the calls.
 *
 * <p>A Millrace server carries out the calls of a connection in their order, so they go out without
 * waiting for each other. Flume's (seen with Avro 1.11) runs them at once, in any order: to keep
 * the order of events, one call goes out at a time unless the owner does not mind.
 *
 * <p>The first try names Flume 1.11's protocol by its hash alone, which every Flume 1.11 and every
 * Millrace knows; whoever does not is sent our own protocol text.
 */
public final class ClientSession implements ClientExchange {
  private static final byte[] NO_HANDSHAKE = {};
  private static final byte[] FIRST_TRY =
      encode(
          new Handshake.Request(
              EventProtocol.FLUME_1_11_HASH,
              Optional.empty(),
              EventProtocol.FLUME_1_11_HASH,
              true));

  /** Longest text of a call error that is read. */
  private static final int MAX_ERROR_BYTES = 64 * 1024;

  private enum State {
    FRESH,
    HANDSHAKE_SENT,
    PROTOCOL_SENT,
    ESTABLISHED
  }

  private final CallOutlet outlet;
  private final Deque<Call> waiting = new ArrayDeque<>();
  private final Map<Integer, Call> sent = new LinkedHashMap<>();
  private final boolean ordered;
  private State state = State.FRESH;
  private boolean pipelined;
  private volatile boolean serverIsDone;
  private int lastSerial;

  /**
   * @param ordered whether calls must be carried out in their order, whatever the server
   */
  public ClientSession(CallOutlet outlet, boolean ordered) {
    this.outlet = outlet;
    this.ordered = ordered;
  }

  /** Sends the call, now or once the handshake is done. */
  @Override
  public void submit(Call call) {
    switch (state) {
      case FRESH -> {
        state = State.HANDSHAKE_SENT;
        send(call, FIRST_TRY);
      }
      case HANDSHAKE_SENT, PROTOCOL_SENT -> waiting.add(call);
      case ESTABLISHED -> {
        waiting.add(call);
        sendWaiting();
      }
    }
  }

  @Override
  public boolean isServerDone() {
    return serverIsDone;
  }

  @Override
  public int openCalls() {
    return sent.size() + waiting.size();
  }

  @Override
  public void received(Frame frame) throws MalformedMessageException {
    Call call = sent.get(frame.serial());
    if (call == null) {
      throw new MalformedMessageException(
          "answer with serial "
              + frame.serial()
              + " (expected: that of an open call, 1 to "
              + lastSerial
              + ")");
    }
    MessageReader reader = new MessageReader(frame);
    if (state != State.ESTABLISHED) {
      Handshake.Response response = Handshake.Response.read(reader);
      if (response.match() == Handshake.Match.NONE) {
        sendProtocol(frame.serial(), response);
        return;
      }
      state = State.ESTABLISHED;
      pipelined = !ordered || response.isMillrace();
    }
    byte[] refusal = reader.readMetadata("call metadata").get(AvroCall.REFUSED_KEY);
    Answer answer = readAnswer(reader, refusal != null);
    if (refusal != null && refusal.length > 0 && refusal[0] == AvroCall.REFUSED_AND_LAST) {
      serverIsDone = true;
    }
    sent.remove(frame.serial());
    sendWaiting();
    call.answer().complete(answer);
  }

  @Override
  public List<Call> abandon() {
    List<Call> open = new ArrayList<>(sent.values());
    open.addAll(waiting);
    sent.clear();
    waiting.clear();
    return open;
  }

  private void sendWaiting() {
    while (!waiting.isEmpty() && (pipelined || sent.isEmpty())) {
      send(waiting.poll(), NO_HANDSHAKE);
    }
  }

  private void sendProtocol(int serial, Handshake.Response response)
      throws MalformedMessageException {
    if (state == State.PROTOCOL_SENT) {
      throw new MalformedMessageException(
          "handshake match: NONE after our protocol was sent (expected: BOTH or CLIENT)");
    }
    state = State.PROTOCOL_SENT;
    Handshake.Request request =
        new Handshake.Request(
            EventProtocol.HASH,
            Optional.of(EventProtocol.TEXT),
            response.serverHash().orElse(EventProtocol.FLUME_1_11_HASH),
            true);
    send(sent.remove(serial), encode(request));
  }

  private static Answer readAnswer(MessageReader reader, boolean isRefused)
      throws MalformedMessageException {
    if (!reader.readBoolean("error flag")) {
      Answer.Status[] statuses = Answer.Status.values();
      return statuses[reader.readIndex(statuses.length, "status")];
    }
    reader.readIndex(1, "error branch");
    return new Answer.CallError(reader.readString(MAX_ERROR_BYTES, "error text"), isRefused);
  }

  private void send(Call call, byte[] handshake) {
    int serial = ++lastSerial;
    sent.put(serial, call);
    byte[] rest =
        new MessageWriter()
            .writeMetadata(call.metadata())
            .writeString(Method.APPEND_BATCH.wireName())
            .toBytes();
    byte[] message = new byte[handshake.length + rest.length];
    System.arraycopy(handshake, 0, message, 0, handshake.length);
    System.arraycopy(rest, 0, message, handshake.length, rest.length);
    outlet.send(FrameEncoder.beforePayload(serial, message, call.payloadBytes()), call);
  }

  private static byte[] encode(Handshake.Request request) {
    MessageWriter writer = new MessageWriter();
    request.writeTo(writer);
    return writer.toBytes();
  }
}
