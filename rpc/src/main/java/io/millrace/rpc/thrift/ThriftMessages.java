/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.rpc.session.Answer;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The short messages: heads of calls, and answers. Stateless. */
final class ThriftMessages {
  /** Kinds of an application exception. */
  static final int UNKNOWN_METHOD = 1;

  static final int INTERNAL_ERROR = 6;
  static final int PROTOCOL_ERROR = 7;

  /**
   * Field of an exception that Millrace adds, and everyone else skips: 1 when the same events will
   * be refused whenever they come, so that sending them again is in vain.
   */
  static final int REFUSED_ID = 0x4D52;

  private static final int REFUSED = 1;
  private static final int LENGTH_BYTES = 4;
  private static final int EXPECTED_BYTES = 64;

  /** Longest text of an exception that is read. */
  private static final int MAX_TEXT_BYTES = 64 * 1024;

  private static final int STATUS_FIELD = ThriftReader.field(WireType.I32, 0);
  private static final int TEXT_FIELD = ThriftReader.field(WireType.STRING, 1);
  private static final int KIND_FIELD = ThriftReader.field(WireType.I32, 2);
  private static final int REFUSED_FIELD = ThriftReader.field(WireType.I32, REFUSED_ID);

  /** By status number. ERROR is not in {@link Answer.Status}, and nobody sends it. */
  private static final Answer[] STATUSES = {
    Answer.Status.OK,
    Answer.Status.FAILED,
    new Answer.CallError("status ERROR"),
    Answer.Status.UNKNOWN
  };

  private static final int UNKNOWN_STATUS = 3;

  private ThriftMessages() {}

  /** The frame of a call up to where its {@code argumentBytes} bytes of arguments must follow. */
  static byte[] beforeArguments(
      ThriftProtocol protocol, String method, int sequenceId, int argumentBytes) {
    ThriftWriter out = begin(protocol, MessageType.CALL, method, sequenceId);
    return end(out, argumentBytes);
  }

  static byte[] reply(ThriftProtocol protocol, MessageHead call, Answer.Status status) {
    ThriftWriter out = begin(protocol, MessageType.REPLY, call.name(), call.sequenceId());
    out.writeField(WireType.I32, 0, 0);
    out.writeInt(status == Answer.Status.UNKNOWN ? UNKNOWN_STATUS : status.ordinal());
    out.writeStop();
    return end(out, 0);
  }

  static byte[] exception(
      ThriftProtocol protocol, MessageHead call, int kind, Answer.CallError error) {
    ThriftWriter out = begin(protocol, MessageType.EXCEPTION, call.name(), call.sequenceId());
    out.writeField(WireType.STRING, 1, 0);
    out.writeString(error.text());
    out.writeField(WireType.I32, 2, 1);
    out.writeInt(kind);
    if (error.isPermanent()) {
      out.writeField(WireType.I32, REFUSED_ID, 2);
      out.writeInt(REFUSED);
    }
    out.writeStop();
    return end(out, 0);
  }

  /** Reads what follows the head of an answer. */
  static Answer readAnswer(MessageType type, ThriftReader in) throws MalformedThriftException {
    return switch (type) {
      case REPLY -> readReply(in);
      case EXCEPTION -> readException(in);
      case CALL, ONEWAY ->
          throw new MalformedThriftException(
              "message type: " + type + " (expected: REPLY or EXCEPTION)");
    };
  }

  private static Answer readReply(ThriftReader in) throws MalformedThriftException {
    Answer answer = new Answer.CallError("a reply without a status");
    for (int field = in.readField(0); field != 0; field = in.readField(field)) {
      if (field == STATUS_FIELD) {
        int status = in.readInt();
        answer =
            status < 0 || status >= STATUSES.length
                ? new Answer.CallError("status " + status)
                : STATUSES[status];
      } else {
        in.skip(ThriftReader.typeOf(field));
      }
    }
    return answer;
  }

  private static Answer readException(ThriftReader in) throws MalformedThriftException {
    String text = "an exception without a text";
    int kind = 0;
    boolean isPermanent = false;
    for (int field = in.readField(0); field != 0; field = in.readField(field)) {
      if (field == TEXT_FIELD) {
        text = in.readString(MAX_TEXT_BYTES, "text of an exception");
      } else if (field == KIND_FIELD) {
        kind = in.readInt();
      } else if (field == REFUSED_FIELD) {
        isPermanent = in.readInt() == REFUSED;
      } else {
        in.skip(ThriftReader.typeOf(field));
      }
    }
    return new Answer.CallError(text + " (application exception " + kind + ")", isPermanent);
  }

  private static ThriftWriter begin(
      ThriftProtocol protocol, MessageType type, String method, int sequenceId) {
    ThriftWriter out = protocol.writer(EXPECTED_BYTES);
    out.writeInt32(0);
    out.writeHead(type, method, sequenceId);
    return out;
  }

  private static byte[] end(ThriftWriter out, int moreBytes) {
    byte[] frame = Arrays.copyOf(out.array, out.at);
    ByteBuffer.wrap(frame).putInt(Math.addExact(frame.length - LENGTH_BYTES, moreBytes));
    return frame;
  }
}
