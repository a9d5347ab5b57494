/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/** Puts the layers of a {@link Wrapping} between socket and frames. Stateless. */
final class Layers {
  private static final int TLS_HANDSHAKE_RECORD = 0x16;

  /** First byte of every zlib stream with the usual window of 32 KiB. */
  private static final int ZLIB_HEADER = 0x78;

  private Layers() {}

  /** For a server, whose peer decides the order of both layers; in front of that handler. */
  static void addServerSide(
      ChannelPipeline pipeline, String before, Wrapping wrapping, Duration tlsTimeout) {
    List<ChannelHandler> layers =
        wrapping.compressionLevel().isPresent() && wrapping.tls().isPresent()
            ? List.of(new FirstByte(wrapping, tlsTimeout))
            : layers(wrapping, tlsTimeout);
    layers.forEach(layer -> pipeline.addBefore(before, null, layer));
  }

  /** For a client, which decides the order of both layers. */
  static void addClientSide(ChannelPipeline pipeline, Wrapping wrapping, Duration tlsTimeout) {
    layers(wrapping, tlsTimeout).forEach(layer -> pipeline.addLast(layer));
  }

  /** The outermost first. */
  private static List<ChannelHandler> layers(Wrapping wrapping, Duration tlsTimeout) {
    List<ChannelHandler> layers = new ArrayList<>();
    wrapping.compressionLevel().ifPresent(level -> layers.add(new ZlibCodec(level)));
    wrapping
        .tls()
        .ifPresent(
            tls ->
                layers.add(
                    wrapping.isTlsOutermost() ? 0 : layers.size(), tlsHandler(tls, tlsTimeout)));
    return layers;
  }

  private static SslHandler tlsHandler(Supplier<SSLEngine> engines, Duration timeout) {
    SslHandler handler = new SslHandler(engines.get());
    handler.setHandshakeTimeoutMillis(timeout.toMillis());
    return handler;
  }

  /** Waits for the first byte, which says what lies outside. Confined to the event loop. */
  private static final class FirstByte extends ChannelInboundHandlerAdapter {
    private final Wrapping wrapping;
    private final Duration tlsTimeout;

    FirstByte(Wrapping wrapping, Duration tlsTimeout) {
      this.wrapping = wrapping;
      this.tlsTimeout = tlsTimeout;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      int first = bytes.getUnsignedByte(bytes.readerIndex());
      SslHandler tls = tlsHandler(wrapping.tls().orElseThrow(), tlsTimeout);
      ZlibCodec zlib = new ZlibCodec(wrapping.compressionLevel().orElseThrow());
      ChannelPipeline pipeline = ctx.pipeline();
      switch (first) {
        case TLS_HANDSHAKE_RECORD -> {
          pipeline.addAfter(ctx.name(), "tls", tls);
          pipeline.addAfter("tls", "zlib", zlib);
        }
        case ZLIB_HEADER -> {
          pipeline.addAfter(ctx.name(), "zlib", zlib);
          pipeline.addAfter("zlib", "tls", tls);
        }
        default -> {
          bytes.release();
          throw new DecoderException("neither TLS nor zlib");
        }
      }
      ctx.fireChannelRead(bytes);
      pipeline.remove(this);
    }
  }
}
