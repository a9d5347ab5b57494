/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameEncoder;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.session.ServerTurn.Execute;
import io.millrace.rpc.session.ServerTurn.Negotiate;
import io.millrace.rpc.session.ServerTurn.Refuse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.avro.Protocol;
import org.apache.flume.source.avro.AvroSourceProtocol;
import org.junit.jupiter.api.Test;

/** Both sides of a connection over byte arrays. */
class SessionTest {
  private static final String HASH = "86aadae2c45474c0fe93ffd0f2350a65";

  /** A first append as the Flume 1.11 client was seen to send it. */
  private static final String FIRST_APPEND =
      "00000001 00000002 0000002b "
          + HASH
          + " 00 "
          + HASH
          + " 02 00 00 0c 617070656e64"
          + "00000009 02 02 6b 02 76 00 04 68 69";

  private final ServerSession server = new ServerSession(new KnownProtocols());

  @Test
  void aFlumeClientIsAnsweredByteForByteAsFlumeDoes() throws Exception {
    Execute turn = (Execute) server.accept(frame(FIRST_APPEND));
    assertThat(turn.request().method()).isEqualTo(Method.APPEND);
    EventView event = turn.request().batch().iterator().next();
    assertThat(event.headers()).containsExactly(Map.entry("k", "v"));
    assertThat(event.bodyText()).isEqualTo("hi");
    assertThat(turn.call().answer(Answer.Status.OK))
        .isEqualTo(hex("00000001 00000003 00000004 00000000 00000001 00 00000002 0000"));

    Execute second =
        (Execute) server.accept(frame("00000002 00000001 0000000a 00 0c 617070656e64 00 00"));
    assertThat(second.call().answer(Answer.Status.OK))
        .isEqualTo(hex("00000002 00000003 00000000 00000001 00 00000002 0000"));
    assertThat(second.call().answer(Answer.Status.FAILED))
        .isEqualTo(hex("00000002 00000003 00000000 00000001 00 00000002 0002"));
    assertThat(second.call().answer(new Answer.CallError("no")))
        .isEqualTo(hex("00000002 00000003 00000000 00000001 00 00000005 01 00 04 6e6f"));
  }

  @Test
  void anUnknownHashIsAskedForItsProtocolOnceAndThenKnown() throws Exception {
    KnownProtocols protocols = new KnownProtocols();
    ServerSession first = new ServerSession(protocols);
    String hash = "000102030405060708090a0b0c0d0e0f";
    String call = "00 0c 617070656e64 00 00";
    Negotiate none =
        (Negotiate) first.accept(message(hash + "00" + HASH.replace('8', '9') + "00" + call));
    assertThat(handshakeOf(none.frame(), 1)).isEqualTo(Handshake.Match.NONE);
    assertThat(first.isEstablished()).isFalse();

    Execute taken =
        (Execute) first.accept(message(hash + "02 04 7b7d" + EventProtocol.HASH + "00" + call));
    assertThat(handshakeOf(taken.call().answer(Answer.Status.OK), 3))
        .isEqualTo(Handshake.Match.BOTH);

    ServerSession second = new ServerSession(protocols);
    Execute known =
        (Execute) second.accept(message(hash + "00" + HASH.replace('8', '9') + "00" + call));
    byte[] answer = known.call().answer(Answer.Status.OK);
    assertThat(handshakeOf(answer, 3)).isEqualTo(Handshake.Match.CLIENT);
    assertThat(new String(answer, java.nio.charset.StandardCharsets.ISO_8859_1))
        .contains(EventProtocol.TEXT);
  }

  @Test
  void hashesThatPeersNameAreBounded() throws Exception {
    KnownProtocols protocols = new KnownProtocols();
    for (int i = 0; i < 2 * KnownProtocols.MAX_HASHES; i++) {
      String hash = String.format("%032x", i);
      new ServerSession(protocols)
          .accept(message(hash + "02 04 7b7d" + HASH + "00 00 0c 617070656e64 00 00"));
    }
    assertThat(protocols.learntCount()).isEqualTo(KnownProtocols.MAX_HASHES);
  }

  @Test
  void ourProtocolIsFlumesButForItsWords() {
    Protocol ours = Protocol.parse(EventProtocol.TEXT);
    Protocol flumes = AvroSourceProtocol.PROTOCOL;
    assertThat(ours.getName()).isEqualTo(flumes.getName());
    assertThat(ours.getNamespace()).isEqualTo(flumes.getNamespace());
    assertThat(ours.getMessages().keySet()).isEqualTo(flumes.getMessages().keySet());
    flumes
        .getMessages()
        .forEach(
            (name, message) -> {
              assertThat(ours.getMessages().get(name).getResponse())
                  .isEqualTo(message.getResponse());
              assertThat(
                      org.apache.avro.SchemaNormalization.toParsingForm(
                          ours.getMessages().get(name).getRequest().getFields().get(0).schema()))
                  .isEqualTo(
                      org.apache.avro.SchemaNormalization.toParsingForm(
                          message.getRequest().getFields().get(0).schema()));
            });
    assertThat(flumes.getMD5()).isEqualTo(hex(HASH));
  }

  @Test
  void malformedEventsAreRefusedAndTheConnectionGoesOn() throws Exception {
    server.accept(frame(FIRST_APPEND));
    Refuse refused = (Refuse) server.accept(message("00 16 617070656e644261746368 02 00 7f"));
    assertThat(refused.reason()).isEqualTo(ServerTurn.Reason.MALFORMED_EVENTS);
    Refuse unknown = (Refuse) server.accept(message("00 06 666f6f"));
    assertThat(unknown.reason()).isEqualTo(ServerTurn.Reason.UNKNOWN_MESSAGE);
    assertThat(server.accept(message("00 16 617070656e644261746368 00")))
        .isInstanceOf(Execute.class);
  }

  @Test
  void metadataIsReadInOneBlockOrSeveralAndBounded() throws Exception {
    server.accept(frame(FIRST_APPEND));
    Execute turn =
        (Execute)
            server.accept(
                message("02 02 61 02 01 01 08 02 62 02 02 00 16 617070656e644261746368 00"));
    assertThat(turn.request().metadata()).containsOnlyKeys("a", "b");
    assertThat(turn.request().metadata().get("b")).containsExactly(2);
    assertThatThrownBy(() -> server.accept(message("fe ff ff ff 0f 00")))
        .isInstanceOf(MalformedMessageException.class);
  }

  @Property(tries = 3000)
  void randomAndMutatedMessagesAreTurnsOrRejected(
      @ForAll long seed, @ForAll @IntRange(max = 200) int bytes) throws Exception {
    Random random = new Random(seed);
    byte[] message = new byte[bytes];
    random.nextBytes(message);
    if (random.nextInt(3) > 0) {
      message = frame(FIRST_APPEND).array().clone();
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        message[random.nextInt(message.length)] = (byte) random.nextInt();
      }
      message = Arrays.copyOf(message, message.length - random.nextInt(5));
    }
    ServerSession session = new ServerSession(new KnownProtocols());
    try {
      if (random.nextBoolean()) {
        session.accept(frame(FIRST_APPEND));
      }
      session.accept(new Frame(1, message, message.length));
    } catch (MalformedMessageException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }

  @Property(tries = 2000)
  void randomAndMutatedAnswersAreTakenOrRejected(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    ClientSession client = new ClientSession((head, call) -> {}, false);
    client.submit(new Call(EventBatch.EMPTY, Map.of()));
    byte[] answer =
        Handshake.Response.encode(
            Handshake.Match.values()[random.nextInt(3)], random.nextBoolean(), true);
    answer = Arrays.copyOf(answer, answer.length + 3);
    for (int i = 0; i < random.nextInt(4); i++) {
      answer[random.nextInt(answer.length)] = (byte) random.nextInt();
    }
    try {
      client.received(new Frame(1, answer, answer.length));
    } catch (MalformedMessageException e) {
      assertThat(e).hasMessageNotContaining("\n");
    }
  }

  @Test
  void callsToAMillraceServerAreNotHeldBackOnceItHasShakenHands() throws Exception {
    Peer peer = new Peer(true);
    List<Call> calls = peer.submit(4);
    assertThat(peer.sent).hasSize(1);
    peer.answerOldest();
    assertThat(peer.sent).hasSize(3);
    peer.answerOldest();
    peer.answerOldest();
    peer.answerOldest();
    assertThat(calls).allSatisfy(call -> assertThat(call.answer()).isCompleted());
    assertThat(peer.executed).hasSize(4);
  }

  @Test
  void callsToAFlumeServerGoOneAtATime() throws Exception {
    Peer peer = new Peer(false);
    peer.submit(4);
    for (int i = 0; i < 4; i++) {
      assertThat(peer.sent).hasSize(1);
      peer.answerOldest();
    }
    assertThat(peer.sent).isEmpty();
    assertThat(peer.executed).hasSize(4);
  }

  @Test
  void aServerThatKnowsNoFlumeIsSentOurProtocol() throws Exception {
    List<byte[]> heads = new ArrayList<>();
    ClientSession client = new ClientSession((head, call) -> heads.add(head), true);
    Call call = new Call(EventBatch.EMPTY, Map.of());
    client.submit(call);
    byte[] none = Handshake.Response.encode(Handshake.Match.NONE, true, false);
    client.received(new Frame(1, none, none.length));
    assertThat(heads).hasSize(2);
    Handshake.Request again = Handshake.Request.read(new MessageReader(headMessage(heads.get(1))));
    assertThat(again.clientProtocol()).contains(EventProtocol.TEXT);
    assertThat(again.clientHash()).isEqualTo(EventProtocol.HASH);
    assertThat(again.serverHash()).isEqualTo(EventProtocol.HASH);
    assertThat(client.openCalls()).isOne();
    byte[] both = hex("00 00 00 00 00 00 00");
    client.received(new Frame(2, both, both.length));
    assertThat(call.answer()).isCompletedWithValue(Answer.Status.OK);
    assertThatThrownBy(() -> client.received(new Frame(2, both, both.length)))
        .isInstanceOf(MalformedMessageException.class);
  }

  /** A client session joined to a server session that may hide that it is ours. */
  private final class Peer {
    final Deque<byte[]> sent = new ArrayDeque<>();
    final List<Request> executed = new ArrayList<>();
    final ClientSession client;
    final boolean isMillrace;

    Peer(boolean isMillrace) {
      this.isMillrace = isMillrace;
      this.client =
          new ClientSession(
              (head, call) -> {
                byte[] frame = Arrays.copyOf(head, head.length + call.payloadBytes());
                call.lendPayload(
                    (array, offset, length) -> {
                      System.arraycopy(array, offset, frame, head.length, length);
                      return frame;
                    });
                sent.add(frame);
              },
              true);
    }

    List<Call> submit(int count) {
      List<Call> calls = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Call call = new Call(EventBatch.of(Map.of("i", "" + i), new byte[3]), Map.of());
        calls.add(call);
        client.submit(call);
      }
      return calls;
    }

    void answerOldest() throws Exception {
      Execute turn = (Execute) server.accept(decode(sent.poll()));
      executed.add(turn.request());
      Frame answer = decode(turn.call().answer(Answer.Status.OK));
      if (!isMillrace && executed.size() == 1) {
        byte[] plain = hex("00 00 00 00 00 00 00");
        answer = new Frame(answer.serial(), plain, plain.length);
      }
      client.received(answer);
    }
  }

  private static Handshake.Match handshakeOf(byte[] frame, int buffers) throws Exception {
    assertThat(ByteBuffer.wrap(frame).getInt(4)).isEqualTo(buffers);
    Handshake.Response response = Handshake.Response.read(new MessageReader(decode(frame)));
    assertThat(response.isMillrace()).isFalse();
    if (response.match() == Handshake.Match.CLIENT) {
      assertThat(response.serverHash()).isEqualTo(Optional.of(EventProtocol.HASH));
    }
    return response.match();
  }

  /** The first buffer of a frame whose second one has not been appended. */
  private static Frame headMessage(byte[] head) {
    int length = ByteBuffer.wrap(head).getInt(8);
    return new Frame(1, Arrays.copyOfRange(head, 12, 12 + length), length);
  }

  private static Frame message(String hex) throws Exception {
    return decode(FrameEncoder.frame(1, hex(hex)));
  }

  private static Frame frame(String hex) throws Exception {
    return decode(hex(hex));
  }

  private static Frame decode(byte[] bytes) throws Exception {
    return new FrameDecoder(FrameLimits.ofMessageBytes(1 << 20)).decode(ByteBuffer.wrap(bytes));
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
