/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MalformedBatchException;
import io.millrace.rpc.Fuzz;
import io.millrace.rpc.frame.Frame;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameEncoder;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.frame.FrameRejectedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever a peer sends, what reads it throws nothing but what it declares, allocates no more than
 * the bytes are worth, and reads what is valid before the damage as it is.
 */
class PeerFuzzTest {
  private static final FrameLimits LIMITS = FrameLimits.ofMessageBytes(64 * 1024);
  private static final List<EventBatch> BATCHES =
      List.of(
          EventBatch.EMPTY,
          EventBatch.of(Map.of("k", "v", "host", "h"), new byte[300]),
          batch(20),
          EventBatch.join(List.of(batch(3), batch(2), batch(1))),
          batch(2).withHeader("late", "x", io.millrace.api.HeaderConflict.KEEP_EXISTING));

  @Test
  void aServerReadsAnything() {
    Fuzz.run("server", requestStreams(), (input, random) -> serve(input, random));
  }

  /** Random cuts of valid streams, with damage only behind the cut. */
  @Test
  void whatIsValidBeforeTheDamageIsReadAsItIs() {
    List<byte[]> corpus = requestStreams();
    Fuzz.run(
        "valid prefix",
        corpus,
        (damage, random) -> {
          byte[] valid = corpus.get(random.nextInt(corpus.size()));
          List<Frame> wanted = new ArrayList<>();
          decode(valid, valid.length, wanted, new FrameDecoder(LIMITS));
          List<Frame> read = new ArrayList<>();
          FrameDecoder decoder = new FrameDecoder(LIMITS);
          try {
            decode(Fuzz.join(valid, damage), 1 + random.nextInt(5000), read, decoder);
          } catch (FrameRejectedException e) {
            assertThat(decoder.allocatedBytes()).isZero();
          }
          assertThat(read.size()).isGreaterThanOrEqualTo(wanted.size());
          for (int i = 0; i < wanted.size(); i++) {
            assertThat(read.get(i).serial()).isEqualTo(wanted.get(i).serial());
            assertThat(bytes(read.get(i))).isEqualTo(bytes(wanted.get(i)));
          }
          int cut = random.nextInt(valid.length + 1);
          List<Frame> before = new ArrayList<>();
          decode(Arrays.copyOf(valid, cut), 4096, before, new FrameDecoder(LIMITS));
          assertThat(before.size()).isLessThanOrEqualTo(wanted.size());
        });
  }

  @Test
  void aClientReadsAnything() {
    List<byte[]> answers = new ArrayList<>();
    for (boolean isMillrace : new boolean[] {true, false}) {
      byte[] both = Handshake.Response.encode(Handshake.Match.BOTH, false, isMillrace);
      byte[] client = Handshake.Response.encode(Handshake.Match.CLIENT, true, isMillrace);
      byte[] none = Handshake.Response.encode(Handshake.Match.NONE, true, isMillrace);
      for (byte[] handshake : List.of(both, client)) {
        AvroCall call = new AvroCall(1, handshake, isMillrace);
        AvroCall next = new AvroCall(2, new byte[0], isMillrace);
        answers.add(Fuzz.join(call.answer(Answer.Status.OK), next.answer(Answer.Status.FAILED)));
        answers.add(call.answer(Answer.CallError.permanent("never")));
        answers.add(call.lastAnswer(Answer.CallError.permanent("too large")));
      }
      answers.add(FrameEncoder.frame(1, none));
    }
    Fuzz.run(
        "client",
        answers,
        (input, random) -> {
          ClientSession session = new ClientSession((head, call) -> {}, random.nextBoolean());
          for (int i = 0; i < 4; i++) {
            session.submit(new Call(BATCHES.get(1), Map.of()));
          }
          List<Frame> frames = new ArrayList<>();
          try {
            decode(input, 1 + random.nextInt(3000), frames, new FrameDecoder(LIMITS));
          } catch (FrameRejectedException e) {
            // What was whole before it is read below.
          }
          try {
            for (Frame frame : frames) {
              session.received(frame);
            }
          } catch (MalformedMessageException e) {
            assertThat(e).hasMessageNotContaining("null");
          }
          assertThat(session.openCalls()).isBetween(0, 4);
        });
  }

  @Test
  void aBatchIsRefusedOrWholeInEveryPart() {
    List<byte[]> encodings = new ArrayList<>();
    for (EventBatch batch : BATCHES) {
      encodings.add(encoded(batch));
    }
    Fuzz.run(
        "batch",
        encodings,
        (input, random) -> {
          EventBatch batch;
          try {
            batch = EventBatch.parse(input);
          } catch (MalformedBatchException e) {
            return;
          }
          walk(batch);
          int cut = batch.eventCount() == 0 ? 0 : random.nextInt(batch.eventCount());
          EventBatch joined =
              EventBatch.join(
                  List.of(batch.slice(0, cut), batch.slice(cut, batch.eventCount()), batch));
          assertThat(EventBatch.parse(encoded(joined)).eventCount())
              .isEqualTo(2 * batch.eventCount());
        });
  }

  private static void serve(byte[] input, Random random) {
    ServerSession session = new ServerSession(new KnownProtocols());
    FrameDecoder decoder = new FrameDecoder(LIMITS);
    List<Frame> frames = new ArrayList<>();
    try {
      decode(input, 1 + random.nextInt(3000), frames, decoder);
    } catch (FrameRejectedException e) {
      session.refusal(e.beginning(), e.getMessage());
    }
    try {
      for (Frame frame : frames) {
        ServerTurn turn = session.accept(frame);
        if (turn instanceof ServerTurn.Execute execute) {
          walk(execute.request().batch());
          assertThat(execute.call().answer(Answer.Status.OK)).isNotEmpty();
        }
      }
    } catch (MalformedMessageException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }

  /** Touches every byte that a component may touch. */
  private static void walk(EventBatch batch) {
    int events = 0;
    long bodyBytes = 0;
    for (EventView event : batch) {
      events++;
      event.header("no such header");
      event.headers();
      bodyBytes += event.bodyText().length();
    }
    assertThat(events).isEqualTo(batch.eventCount());
    assertThat(bodyBytes).isLessThanOrEqualTo(batch.encodedBytes());
  }

  private static List<byte[]> requestStreams() {
    List<byte[]> streams = new ArrayList<>();
    for (boolean isMillrace : new boolean[] {true, false}) {
      for (Optional<String> protocol :
          List.of(Optional.<String>empty(), Optional.of(EventProtocol.TEXT))) {
        for (ProtocolHash server :
            List.of(EventProtocol.FLUME_1_11_HASH, ProtocolHash.ofText("another"))) {
          MessageWriter head = new MessageWriter();
          new Handshake.Request(EventProtocol.FLUME_1_11_HASH, protocol, server, isMillrace)
              .writeTo(head);
          byte[] stream = new byte[0];
          int serial = 0;
          for (EventBatch batch : BATCHES) {
            byte[] call =
                (serial++ == 0 ? head : new MessageWriter())
                    .writeMetadata(serial == 2 ? Map.of("millrace.first", new byte[8]) : Map.of())
                    .writeString("appendBatch")
                    .toBytes();
            stream = Fuzz.join(stream, FrameEncoder.frame(serial, call, encoded(batch)));
          }
          streams.add(stream);
        }
      }
    }
    return streams;
  }

  private static void decode(
      byte[] stream, int pieceBytes, List<Frame> frames, FrameDecoder decoder)
      throws FrameRejectedException {
    for (int at = 0; at < stream.length; at += pieceBytes) {
      ByteBuffer piece =
          ByteBuffer.wrap(stream, at, Math.min(pieceBytes, stream.length - at)).slice();
      for (Frame frame = decoder.decode(piece); frame != null; frame = decoder.decode(piece)) {
        frames.add(frame);
      }
      assertThat(decoder.allocatedBytes())
          .isLessThanOrEqualTo(Math.max(2 * stream.length, 64 * 1024 + 4096));
    }
  }

  private static EventBatch batch(int events) {
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < events; i++) {
      batch.add(
          EncodedHeaders.of(Map.of("n", "" + i)),
          ("body " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return batch.build();
  }

  private static byte[] encoded(EventBatch batch) {
    byte[] bytes = new byte[batch.encodedBytes()];
    batch.copyTo(bytes, 0);
    return bytes;
  }

  private static byte[] bytes(Frame frame) {
    return Arrays.copyOf(frame.array(), frame.length());
  }
}
