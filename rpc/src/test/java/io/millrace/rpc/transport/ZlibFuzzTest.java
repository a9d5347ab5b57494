/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.rpc.Fuzz;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** What a peer may send in place of a zlib stream. */
class ZlibFuzzTest {
  private static final byte[] TEXT = new byte[200_000];

  static {
    Random random = new Random(1);
    for (int i = 0; i < TEXT.length; i++) {
      TEXT[i] = (byte) (i % 1000 < 700 ? 'x' : random.nextInt());
    }
  }

  @Test
  void anyBytesAreInflatedInBoundedPiecesOrRefused() {
    List<byte[]> corpus = new ArrayList<>();
    for (int level : new int[] {0, 1, 6, 9}) {
      corpus.add(deflated(Arrays.copyOf(TEXT, 5000), level));
    }
    Fuzz.run(
        "zlib",
        corpus,
        (input, random) -> {
          try {
            // Each piece costs its buffers and this test's own checks, so not byte by byte.
            inflate(input, 16 + random.nextInt(2000), chunk -> {});
          } catch (DecoderException e) {
            assertThat(e).hasMessageContaining("not a zlib stream");
          }
        });
  }

  @Test
  void aStreamThatIsCutOffIsABeginningOfTheWhole() {
    byte[] whole = deflated(TEXT, 6);
    Random random = new Random(7);
    for (int i = 0; i < 100; i++) {
      byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      byte[] plain = inflated(cut, 1 + random.nextInt(5000));
      assertThat(plain).isEqualTo(Arrays.copyOf(TEXT, plain.length));
    }
    assertThat(inflated(whole, 1000)).isEqualTo(TEXT);
  }

  private static byte[] deflated(byte[] plain, int level) {
    Deflater deflater = new Deflater(level);
    deflater.setInput(plain);
    byte[] packed = new byte[plain.length + 1000];
    int bytes = deflater.deflate(packed, 0, packed.length, Deflater.SYNC_FLUSH);
    deflater.end();
    return Arrays.copyOf(packed, bytes);
  }

  private static byte[] inflated(byte[] packed, int pieceBytes) {
    ByteBuf plain = Unpooled.buffer();
    inflate(packed, pieceBytes, plain::writeBytes);
    byte[] all = new byte[plain.readableBytes()];
    plain.readBytes(all);
    return all;
  }

  private static void inflate(byte[] packed, int pieceBytes, Consumer<ByteBuf> target) {
    EmbeddedChannel channel = new EmbeddedChannel(new ZlibCodec(6));
    try {
      for (int at = 0; at < packed.length && channel.isOpen(); at += pieceBytes) {
        int bytes = Math.min(pieceBytes, packed.length - at);
        channel.writeInbound(Unpooled.copiedBuffer(packed, at, bytes));
        for (ByteBuf chunk = channel.readInbound(); chunk != null; chunk = channel.readInbound()) {
          assertThat(chunk.readableBytes()).isBetween(1, ZlibCodec.CHUNK_BYTES);
          target.accept(chunk);
          chunk.release();
        }
      }
    } finally {
      channel.finishAndReleaseAll();
    }
  }
}
