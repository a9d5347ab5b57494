/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.HeaderConflict;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.session.MalformedMessageException;
import io.millrace.rpc.session.Method;
import io.millrace.rpc.session.ServerTurn;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.flume.thrift.Status;
import org.apache.flume.thrift.ThriftFlumeEvent;
import org.apache.flume.thrift.ThriftSourceProtocol;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TField;
import org.apache.thrift.protocol.TList;
import org.apache.thrift.protocol.TMap;
import org.apache.thrift.protocol.TMessage;
import org.apache.thrift.protocol.TMessageType;
import org.apache.thrift.protocol.TProtocol;
import org.apache.thrift.protocol.TSet;
import org.apache.thrift.protocol.TStruct;
import org.apache.thrift.protocol.TType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Our codec beside Thrift's own library, in both encodings. */
class ThriftCodecTest {
  @Property(tries = 300)
  void whatTheLibraryWritesIsReadAsTheSameEvents(@ForAll ThriftProtocol protocol, @ForAll long seed)
      throws Exception {
    Random random = new Random(seed);
    List<ThriftFlumeEvent> events = LibThrift.randomEvents(random, 40);
    int sequenceId = random.nextInt();
    ServerTurn.Execute turn =
        execute(protocol, LibThrift.appendBatch(protocol, sequenceId, events));
    assertThat(turn.request().method()).isEqualTo(Method.APPEND_BATCH);
    assertSame(turn.request().batch(), events);
    ThriftSourceProtocol.appendBatch_result result =
        LibThrift.read(
            protocol,
            LibThrift.unframed(turn.call().answer(Answer.Status.OK)),
            TMessageType.REPLY,
            sequenceId,
            new ThriftSourceProtocol.appendBatch_result());
    assertThat(result.getSuccess()).isEqualTo(Status.OK);
    if (!events.isEmpty()) {
      ServerTurn.Execute single =
          execute(protocol, LibThrift.append(protocol, sequenceId, events.get(0)));
      assertThat(single.request().method()).isEqualTo(Method.APPEND);
      assertSame(single.request().batch(), events.subList(0, 1));
    }
  }

  @Property(tries = 300)
  void whatWeWriteIsReadByTheLibraryAsTheSameEvents(
      @ForAll ThriftProtocol protocol, @ForAll long seed) throws Exception {
    Random random = new Random(seed);
    EventBatch batch =
        execute(protocol, LibThrift.appendBatch(protocol, 1, LibThrift.randomEvents(random, 40)))
            .request()
            .batch();
    // Headers in several blocks, and a batch in several too.
    EventBatch marked =
        batch
            .withHeader("mark", "x".repeat(random.nextInt(200)), HeaderConflict.REPLACE)
            .withHeader("mark", "last", HeaderConflict.REPLACE);
    EventBatch joined = EventBatch.join(List.of(batch, marked, marked, EventBatch.EMPTY));
    List<byte[]> frames = new ArrayList<>();
    ThriftDialect dialect = new ThriftDialect(protocol);
    ThriftClientExchange client = client(dialect, frames);
    Call call = dialect.appendBatch(joined, Integer.MAX_VALUE).orElseThrow();
    client.submit(call);
    ThriftSourceProtocol.appendBatch_args read =
        LibThrift.read(
            protocol,
            LibThrift.unframed(frames.get(0)),
            TMessageType.CALL,
            1,
            new ThriftSourceProtocol.appendBatch_args());
    assertThat(read.getEvents()).isEqualTo(LibThrift.events(joined));
    client.received(
        LibThrift.frame(
            LibThrift.message(
                protocol,
                TMessageType.REPLY,
                "appendBatch",
                1,
                new ThriftSourceProtocol.appendBatch_result(Status.OK))));
    assertThat(call.answer()).isCompletedWithValue(Answer.Status.OK);
    assertThat(client.openCalls()).isZero();
  }

  @Test
  void theBytesAreThoseOfFlume() throws Exception {
    ServerTurn.Execute turn =
        execute(
            ThriftProtocol.COMPACT,
            hex("82 21 01 06 617070656e64 1c 1b 01 88 01 6b 01 76 18 02 6869 00 00"));
    EventBatch expected = EventBatch.of(Map.of("k", "v"), "hi".getBytes(StandardCharsets.UTF_8));
    assertThat(turn.request().batch()).isEqualTo(expected);
    assertThat(turn.call().answer(Answer.Status.OK))
        .isEqualTo(hex("0000000e 82 41 01 06 617070656e64 05 00 00 00"));
    List<byte[]> frames = new ArrayList<>();
    ThriftDialect dialect = new ThriftDialect(ThriftProtocol.COMPACT);
    ThriftClientExchange client = client(dialect, frames);
    for (int i = 0; i < 2; i++) {
      client.submit(
          dialect
              .appendBatch(
                  EventBatch.of(Map.of(), "hi".getBytes(StandardCharsets.UTF_8)), 16_384_000)
              .orElseThrow());
    }
    assertThat(LibThrift.unframed(frames.get(1)))
        .isEqualTo(hex("82 21 02 0b 617070656e644261746368 19 1c 1b 00 18 02 6869 00 00"));
  }

  @ParameterizedTest
  @EnumSource
  void unknownFieldsOfEveryTypeAreSkippedWhereverTheyStand(ThriftProtocol protocol)
      throws Exception {
    byte[] message =
        LibThrift.bytes(
            protocol,
            out -> {
              out.writeMessageBegin(new TMessage("append", TMessageType.CALL, 7));
              out.writeStructBegin(new TStruct());
              strangers(out);
              out.writeFieldBegin(new TField("event", TType.STRUCT, (short) 1));
              out.writeStructBegin(new TStruct());
              strangers(out);
              // The body first, then headers of another type, then the right ones twice.
              out.writeFieldBegin(new TField("body", TType.STRING, (short) 2));
              out.writeString("body");
              out.writeFieldBegin(new TField("headers", TType.I64, (short) 1));
              out.writeI64(Long.MIN_VALUE);
              for (String value : List.of("first", "second")) {
                out.writeFieldBegin(new TField("headers", TType.MAP, (short) 1));
                out.writeMapBegin(new TMap(TType.STRING, TType.STRING, 1));
                out.writeString("k");
                out.writeString(value);
              }
              strangers(out);
              out.writeFieldStop();
              out.writeStructEnd();
              strangers(out);
              out.writeFieldStop();
            });
    assertThat(execute(protocol, message).request().batch())
        .isEqualTo(EventBatch.of(Map.of("k", "second"), "body".getBytes(StandardCharsets.UTF_8)));
  }

  private static void strangers(TProtocol out) throws TException {
    short id = 100;
    for (byte type :
        new byte[] {TType.BOOL, TType.BYTE, TType.I16, TType.I32, TType.I64, TType.DOUBLE}) {
      out.writeFieldBegin(new TField("", type, id++));
      number(out, type);
      out.writeFieldBegin(new TField("", TType.LIST, (short) (id + 1000)));
      out.writeListBegin(new TList(type, 20));
      for (int i = 0; i < 20; i++) {
        number(out, type);
      }
    }
    out.writeFieldBegin(new TField("", TType.MAP, (short) -5));
    out.writeMapBegin(new TMap(TType.I32, TType.STRUCT, 2));
    for (int i = 0; i < 2; i++) {
      out.writeI32(i);
      out.writeStructBegin(new TStruct());
      out.writeFieldBegin(new TField("", TType.SET, (short) 3));
      out.writeSetBegin(new TSet(TType.STRING, 1));
      out.writeString("deep");
      out.writeFieldStop();
      out.writeStructEnd();
    }
    out.writeFieldBegin(new TField("", TType.STRUCT, id));
    out.writeStructBegin(new TStruct());
    out.writeFieldStop();
    out.writeStructEnd();
  }

  private static void number(TProtocol out, byte type) throws TException {
    switch (type) {
      case TType.BOOL -> out.writeBool(true);
      case TType.BYTE -> out.writeByte((byte) -1);
      case TType.I16 -> out.writeI16(Short.MIN_VALUE);
      case TType.I32 -> out.writeI32(Integer.MIN_VALUE);
      case TType.I64 -> out.writeI64(Long.MAX_VALUE);
      default -> out.writeDouble(Math.PI);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMissingIsNamedAndTheConnectionGoesOn(ThriftProtocol protocol) throws Exception {
    byte[] noBody =
        LibThrift.bytes(
            protocol,
            out -> {
              out.writeMessageBegin(new TMessage("append", TMessageType.CALL, 3));
              out.writeFieldBegin(new TField("event", TType.STRUCT, (short) 1));
              out.writeFieldBegin(new TField("headers", TType.MAP, (short) 1));
              out.writeMapBegin(new TMap(TType.STRING, TType.STRING, 0));
              out.writeFieldStop();
              out.writeFieldStop();
            });
    assertRefused(protocol, noBody, 3, TApplicationException.PROTOCOL_ERROR, "body missing");
    byte[] noEvent =
        LibThrift.bytes(
            protocol,
            out -> {
              out.writeMessageBegin(new TMessage("append", TMessageType.CALL, -9));
              out.writeFieldStop();
            });
    assertRefused(protocol, noEvent, -9, TApplicationException.PROTOCOL_ERROR, "events: missing");
    byte[] whole = LibThrift.appendBatch(protocol, 4, List.of());
    assertRefused(
        protocol,
        Arrays.copyOf(whole, whole.length + 1),
        4,
        TApplicationException.PROTOCOL_ERROR,
        "1 bytes follow");
    byte[] unknown =
        LibThrift.message(
            protocol,
            TMessageType.CALL,
            "getName",
            5,
            new ThriftSourceProtocol.appendBatch_args(List.of()));
    assertRefused(protocol, unknown, 5, TApplicationException.UNKNOWN_METHOD, "append");
  }

  private static void assertRefused(
      ThriftProtocol protocol, byte[] message, int sequenceId, int kind, String words)
      throws Exception {
    ServerTurn.Refuse refuse =
        (ServerTurn.Refuse) new ThriftServerExchange(protocol).accept(LibThrift.frame(message));
    TApplicationException answer =
        TApplicationException.readFrom(
            afterHead(
                protocol, LibThrift.unframed(refuse.frame()), TMessageType.EXCEPTION, sequenceId));
    assertThat(answer.getType()).isEqualTo(kind);
    assertThat(answer.getMessage()).contains(words);
    assertThat(refuse.problem()).contains(words);
  }

  private static TProtocol afterHead(
      ThriftProtocol protocol, byte[] message, byte type, int sequenceId) throws TException {
    TProtocol in =
        LibThrift.over(protocol, new org.apache.thrift.transport.TMemoryInputTransport(message));
    TMessage head = in.readMessageBegin();
    assertThat(head.type).isEqualTo(type);
    assertThat(head.seqid).isEqualTo(sequenceId);
    return in;
  }

  @ParameterizedTest
  @EnumSource
  void oneWayMessagesAreCarriedOutAndNotAnswered(ThriftProtocol protocol) throws Exception {
    byte[] message =
        LibThrift.message(
            protocol,
            TMessageType.ONEWAY,
            "appendBatch",
            1,
            new ThriftSourceProtocol.appendBatch_args(
                List.of(LibThrift.event(Map.of(), new byte[3]))));
    ServerTurn.Execute turn = execute(protocol, message);
    assertThat(turn.request().batch().eventCount()).isOne();
    assertThat(turn.call().answer(Answer.Status.OK)).isEmpty();
    assertThat(turn.call().answer(new Answer.CallError("x"))).isEmpty();
    byte[] unknown =
        LibThrift.message(
            protocol,
            TMessageType.ONEWAY,
            "ping",
            1,
            new ThriftSourceProtocol.appendBatch_args(List.of()));
    ServerTurn refused = new ThriftServerExchange(protocol).accept(LibThrift.frame(unknown));
    assertThat(((ServerTurn.Refuse) refused).frame()).isEmpty();
  }

  @Test
  void messagesInTheOtherEncodingOrOfAServerEndTheConnection() {
    for (ThriftProtocol protocol : ThriftProtocol.values()) {
      ThriftProtocol other =
          protocol == ThriftProtocol.COMPACT ? ThriftProtocol.BINARY : ThriftProtocol.COMPACT;
      byte[] message = LibThrift.appendBatch(other, 1, List.of());
      assertThatThrownBy(() -> new ThriftServerExchange(protocol).accept(LibThrift.frame(message)))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessageContaining("the " + other.name().toLowerCase(java.util.Locale.ROOT))
          .hasMessageContaining("expected: 8");
      byte[] reply =
          LibThrift.message(
              protocol,
              TMessageType.REPLY,
              "append",
              1,
              new ThriftSourceProtocol.append_result(Status.OK));
      assertThatThrownBy(() -> new ThriftServerExchange(protocol).accept(LibThrift.frame(reply)))
          .isInstanceOf(MalformedMessageException.class)
          .hasMessageContaining("REPLY");
    }
  }

  @Test
  void binaryMessagesOfOldClientsWithoutAVersionAreRead() throws Exception {
    byte[] message =
        hex(
            "00000006 617070656e64 01 00000009"
                + "0c 0001 0d 0001 0b 0b 00000000 0b 0002 00000001 41 00 00");
    ServerTurn.Execute turn = execute(ThriftProtocol.BINARY, message);
    assertThat(turn.request().batch())
        .isEqualTo(EventBatch.of(Map.of(), "A".getBytes(StandardCharsets.UTF_8)));
    assertThat(turn.call().answer(Answer.Status.FAILED))
        .isEqualTo(hex("0000001a 80010002 00000006 617070656e64 00000009 08 0000 00000001 00"));
  }

  @ParameterizedTest
  @EnumSource
  void everyAnswerOfAServerIsUnderstood(ThriftProtocol protocol) throws Exception {
    List<byte[]> frames = new ArrayList<>();
    ThriftDialect dialect = new ThriftDialect(protocol);
    ThriftClientExchange client = client(dialect, frames);
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      calls.add(dialect.appendBatch(EventBatch.EMPTY, 1000).orElseThrow());
      client.submit(calls.get(i));
    }
    assertThat(frames).as("all go out at once").hasSize(6);
    int sequenceId = 1;
    for (Status status : Status.values()) {
      client.received(
          LibThrift.frame(
              LibThrift.message(
                  protocol,
                  TMessageType.REPLY,
                  "appendBatch",
                  sequenceId++,
                  new ThriftSourceProtocol.appendBatch_result(status))));
    }
    client.received(
        LibThrift.frame(
            LibThrift.bytes(
                protocol,
                out -> {
                  out.writeMessageBegin(new TMessage("appendBatch", TMessageType.EXCEPTION, 5));
                  new TApplicationException(6, "no room").write(out);
                })));
    assertThat(calls.get(0).answer().join()).isEqualTo(Answer.Status.OK);
    assertThat(calls.get(1).answer().join()).isEqualTo(Answer.Status.FAILED);
    assertThat(calls.get(2).answer().join()).isEqualTo(new Answer.CallError("status ERROR"));
    assertThat(calls.get(3).answer().join()).isEqualTo(Answer.Status.UNKNOWN);
    assertThat(calls.get(4).answer().join())
        .isEqualTo(new Answer.CallError("no room (application exception 6)"));
    byte[] wrong =
        LibThrift.message(
            protocol,
            TMessageType.REPLY,
            "appendBatch",
            7,
            new ThriftSourceProtocol.appendBatch_result(Status.OK));
    assertThatThrownBy(() -> client.received(LibThrift.frame(wrong)))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("7 (expected: 6)");
    assertThat(client.abandon()).containsExactly(calls.get(5));
  }

  @ParameterizedTest
  @EnumSource
  void aBatchTooLongForAFrameGivesNoCall(ThriftProtocol protocol) {
    ThriftDialect dialect = new ThriftDialect(protocol);
    EventBatch batch = EventBatch.of(Map.of("k", "v"), new byte[10_000]);
    assertThat(dialect.appendBatch(batch, 10_000)).isEmpty();
    assertThat(dialect.appendBatch(batch, 3_000)).isEmpty();
    assertThat(dialect.appendBatch(batch, 10_100)).isPresent();
  }

  @ParameterizedTest
  @EnumSource
  void onlyMillraceTellsThatARefusalIsForGood(ThriftProtocol protocol) throws Exception {
    for (Answer.CallError error :
        List.of(new Answer.CallError("later"), Answer.CallError.permanent("never"))) {
      byte[] answer =
          LibThrift.unframed(
              execute(protocol, LibThrift.appendBatch(protocol, 1, List.of()))
                  .call()
                  .answer(error));
      TApplicationException read =
          TApplicationException.readFrom(afterHead(protocol, answer, TMessageType.EXCEPTION, 1));
      assertThat(read.getMessage()).isEqualTo(error.text());
      assertThat(read.getType()).isEqualTo(TApplicationException.INTERNAL_ERROR);
      ThriftDialect dialect = new ThriftDialect(protocol);
      ThriftClientExchange client = client(dialect, new ArrayList<>());
      Call call = dialect.appendBatch(EventBatch.EMPTY, 1000).orElseThrow();
      client.submit(call);
      client.received(LibThrift.frame(answer));
      assertThat(call.answer().join())
          .isEqualTo(
              new Answer.CallError(
                  error.text() + " (application exception 6)", error.isPermanent()));
    }
  }

  private static ThriftClientExchange client(ThriftDialect dialect, List<byte[]> frames) {
    return new ThriftClientExchange(
        dialect.protocol(),
        (head, call) -> {
          byte[] frame = Arrays.copyOf(head, head.length + call.payloadBytes());
          call.lendPayload(
              (array, offset, length) -> {
                System.arraycopy(array, offset, frame, head.length, length);
                return frame;
              });
          frames.add(frame);
        });
  }

  private static ServerTurn.Execute execute(ThriftProtocol protocol, byte[] message)
      throws MalformedMessageException {
    ServerTurn turn = new ThriftServerExchange(protocol).accept(LibThrift.frame(message));
    assertThat(turn).isInstanceOf(ServerTurn.Execute.class);
    return (ServerTurn.Execute) turn;
  }

  private static void assertSame(EventBatch batch, List<ThriftFlumeEvent> events) throws Exception {
    byte[] encoded = new byte[batch.encodedBytes()];
    batch.copyTo(encoded, 0);
    assertThat(EventBatch.parse(encoded).eventCount()).isEqualTo(events.size());
    assertThat(LibThrift.events(batch)).isEqualTo(events);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
