/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.function.IntConsumer;

/**
 * Netty's decoder, which tells how many bytes it was given and how many it has not looked at, so
 * that half a request is known as such. Confined to the event loop.
 */
final class RequestDecoder extends HttpRequestDecoder {
  /** Longest piece of a body that is handed on at once; it is copied from where it was read. */
  private static final int MAX_CHUNK_BYTES = 256 * 1024;

  private final IntConsumer received;

  /**
   * @param received told how many bytes have come, before they are looked at
   */
  RequestDecoder(int maxHeaderBytes, IntConsumer received) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(maxHeaderBytes)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_CHUNK_BYTES)
            .setValidateHeaders(true)
            .setAllowDuplicateContentLengths(false));
    this.received = received;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    received.accept(((ByteBuf) message).readableBytes());
    super.channelRead(ctx, message);
  }

  /** Bytes behind the message that was handed on last. */
  int unreadBytes() {
    return actualReadableBytes();
  }

  /** Both lengths stay for whoever judges the request, which refuses it. */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {}
}
