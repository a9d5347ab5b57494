/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.rpc.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FrameDecoderTest {
  private static final FrameLimits LIMITS = FrameLimits.ofMessageBytes(1 << 20);

  @Test
  void aStreamCutAtAnyByteGivesTheSameFrames() throws Exception {
    byte[] stream =
        join(
            FrameEncoder.frame(7, bytes(10), new byte[0], bytes(3)),
            FrameEncoder.frame(8),
            FrameEncoder.frame(9, new byte[0]),
            FrameEncoder.frame(-1, bytes(90)));
    for (int cut = 0; cut <= stream.length; cut++) {
      FrameDecoder decoder = new FrameDecoder(LIMITS);
      List<Frame> frames = new ArrayList<>();
      decodeAll(decoder, stream, 0, cut, frames);
      decodeAll(decoder, stream, cut, stream.length, frames);
      assertThat(frames).extracting(Frame::serial).containsExactly(7, 8, 9, -1);
      assertThat(frames).extracting(Frame::length).containsExactly(13, 0, 0, 90);
      assertThat(message(frames.get(0))).isEqualTo(join(bytes(10), bytes(3)));
      assertThat(message(frames.get(3))).isEqualTo(bytes(90));
      assertThat(decoder.isMidFrame()).isFalse();
      assertThat(decoder.allocatedBytes()).isZero();
    }
  }

  @Property(tries = 300)
  void framesOfAnySizeInPiecesOfAnySizeComeBack(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 50_000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 70_000) int pieceBytes,
      @ForAll @IntRange(min = 1, max = 20_000) int bufferBytes)
      throws Exception {
    List<byte[]> stream = new ArrayList<>();
    for (int serial = 0; serial < lengths.size(); serial++) {
      byte[] message = bytes(lengths.get(serial));
      List<byte[]> buffers = new ArrayList<>();
      for (int at = 0; at < message.length; at += bufferBytes) {
        buffers.add(Arrays.copyOfRange(message, at, Math.min(message.length, at + bufferBytes)));
      }
      if (buffers.size() <= LIMITS.maxBuffers()) {
        stream.add(FrameEncoder.frame(serial, buffers.toArray(new byte[0][])));
      } else {
        stream.add(FrameEncoder.frame(serial, message));
      }
    }
    byte[] bytes = join(stream.toArray(new byte[0][]));
    FrameDecoder decoder = new FrameDecoder(LIMITS);
    List<Frame> frames = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      decodeAll(decoder, bytes, at, Math.min(bytes.length, at + pieceBytes), frames);
    }
    assertThat(frames).hasSameSizeAs(lengths);
    for (int serial = 0; serial < lengths.size(); serial++) {
      assertThat(message(frames.get(serial))).isEqualTo(bytes(lengths.get(serial)));
      assertThat(frames.get(serial).array().length)
          .isLessThanOrEqualTo(frames.get(serial).length() / 8 * 9 + 73);
    }
  }

  @Property(tries = 2000)
  void randomBytesAreFramesOrRejectedAndNeverOverAllocate(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3000) int pieceBytes) throws Exception {
    Random random = new Random(seed);
    byte[] stream = new byte[random.nextInt(6000)];
    random.nextBytes(stream);
    if (random.nextBoolean()) {
      // A header that is believed, so that more than the first eight bytes are looked at.
      ByteBuffer.wrap(stream.length < 12 ? stream = new byte[12] : stream)
          .putInt(1)
          .putInt(random.nextInt(5))
          .putInt(random.nextInt(2_000_000) - 10);
    }
    assertBounded(stream, pieceBytes);
  }

  @Property(tries = 1000)
  void mutatedFramesAreFramesOrRejectedAndNeverOverAllocate(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 3000) int pieceBytes) throws Exception {
    Random random = new Random(seed);
    byte[] stream =
        join(
            FrameEncoder.frame(1, bytes(43), bytes(2000)),
            FrameEncoder.frame(2, bytes(43), bytes(200)));
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      stream[random.nextInt(stream.length)] = (byte) random.nextInt();
    }
    assertBounded(stream, pieceBytes);
  }

  private static void assertBounded(byte[] stream, int pieceBytes) throws Exception {
    FrameDecoder decoder = new FrameDecoder(LIMITS);
    List<Frame> frames = new ArrayList<>();
    try {
      for (int at = 0; at < stream.length; at += pieceBytes) {
        decodeAll(decoder, stream, at, Math.min(stream.length, at + pieceBytes), frames);
        int hinted = frames.isEmpty() ? 0 : frames.get(frames.size() - 1).length() / 16 * 17 + 17;
        assertThat(decoder.allocatedBytes())
            .isLessThanOrEqualTo(
                Math.max(
                    hinted,
                    Math.max(FrameDecoder.MIN_ALLOCATION_BYTES, 2 * decoder.receivedBytes())));
      }
    } catch (FrameRejectedException e) {
      assertThat(decoder.allocatedBytes()).isZero();
      assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(new byte[12])))
          .isInstanceOf(FrameRejectedException.class);
    }
  }

  @Property(tries = 200)
  void framesWithoutAHeaderInPiecesOfAnySizeComeBack(
      @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 50_000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 70_000) int pieceBytes)
      throws Exception {
    byte[][] framed = new byte[lengths.size()][];
    for (int i = 0; i < framed.length; i++) {
      framed[i] =
          ByteBuffer.allocate(4 + lengths.get(i))
              .putInt(lengths.get(i))
              .put(bytes(lengths.get(i)))
              .array();
    }
    byte[] stream = join(framed);
    FrameDecoder decoder = FrameDecoder.ofSingleBuffers(LIMITS);
    List<Frame> frames = new ArrayList<>();
    for (int at = 0; at < stream.length; at += pieceBytes) {
      decodeAll(decoder, stream, at, Math.min(stream.length, at + pieceBytes), frames);
      boolean isBetween = frames.stream().mapToInt(f -> f.length() + 4).sum() == at + pieceBytes;
      assertThat(decoder.isMidFrame()).isEqualTo(!isBetween && at + pieceBytes < stream.length);
    }
    assertThat(frames).extracting(Frame::length).isEqualTo(lengths);
    for (Frame frame : frames) {
      assertThat(message(frame)).isEqualTo(bytes(frame.length()));
    }
    assertThat(decoder.isMidFrame()).isFalse();
    assertThat(decoder.allocatedBytes()).isZero();
  }

  @Test
  void aHugeLengthWithoutAHeaderIsNotBelieved() throws Exception {
    FrameDecoder decoder =
        FrameDecoder.ofSingleBuffers(FrameLimits.ofMessageBytes(Integer.MAX_VALUE));
    decoder.decode(ByteBuffer.allocate(5).putInt(2_000_000_000).rewind());
    assertThat(decoder.isMidFrame()).isTrue();
    assertThat(decoder.allocatedBytes()).isLessThanOrEqualTo(FrameDecoder.MIN_ALLOCATION_BYTES);
    for (int length : new int[] {-1, Integer.MIN_VALUE, (1 << 20) + 1}) {
      assertThatThrownBy(
              () ->
                  FrameDecoder.ofSingleBuffers(LIMITS)
                      .decode(ByteBuffer.allocate(5).putInt(length).rewind()))
          .isInstanceOf(FrameRejectedException.class);
    }
  }

  @Test
  void aHugeLengthAllocatesNothing() throws Exception {
    FrameDecoder decoder = new FrameDecoder(FrameLimits.ofMessageBytes(Integer.MAX_VALUE));
    decoder.decode(ByteBuffer.allocate(13).putInt(1).putInt(1).putInt(2_000_000_000).rewind());
    assertThat(decoder.allocatedBytes()).isLessThanOrEqualTo(FrameDecoder.MIN_ALLOCATION_BYTES);
  }

  @Test
  void absurdCountsAndLengthsAreRejected() {
    assertRejected(Reason.MALFORMED, 1, -1);
    assertRejected(Reason.TOO_LARGE, 1, LIMITS.maxBuffers() + 1);
    assertRejected(Reason.MALFORMED, 1, 1, -1);
    assertRejected(Reason.TOO_LARGE, 1, 1, (1 << 20) + 1);
    assertRejected(Reason.TOO_LARGE, 1, 3, 0, 0, Integer.MAX_VALUE);
  }

  @Test
  void aTlsHelloIsRejectedAtOnce() {
    byte[] hello = {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3, 42, 42, 42};
    assertThatThrownBy(() -> new FrameDecoder(LIMITS).decode(ByteBuffer.wrap(hello)))
        .isInstanceOf(FrameRejectedException.class);
  }

  private static void assertRejected(Reason reason, int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4);
    for (int word : words) {
      bytes.putInt(word);
    }
    assertThatThrownBy(() -> new FrameDecoder(LIMITS).decode(bytes.flip()))
        .isInstanceOfSatisfying(
            FrameRejectedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void decodeAll(
      FrameDecoder decoder, byte[] stream, int from, int to, List<Frame> frames)
      throws FrameRejectedException {
    ByteBuffer input = ByteBuffer.allocateDirect(to - from).put(stream, from, to - from).flip();
    for (Frame frame = decoder.decode(input); frame != null; frame = decoder.decode(input)) {
      frames.add(frame);
    }
    assertThat(input.hasRemaining()).isFalse();
  }

  private static byte[] message(Frame frame) {
    return Arrays.copyOf(frame.array(), frame.length());
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 31 + length);
    }
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    int bytes = 0;
    for (byte[] part : parts) {
      bytes += part.length;
    }
    ByteBuffer joined = ByteBuffer.allocate(bytes);
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.array();
  }
}
