/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that the peer gets to read all that was sent to it: says that no more will
 * come, and takes and drops what the peer still sends until the peer closes too, or {@link
 * #PATIENCE_MILLIS} have passed. To close with unread input resets the connection, which may cost
 * the peer the answers it has not read. Confined to the event loop.
 */
public final class OrderlyClose extends ChannelInboundHandlerAdapter {
  private static final long PATIENCE_MILLIS = 400;

  private ScheduledFuture<?> end;

  private OrderlyClose() {}

  /** Begins once all that was written before is flushed. */
  public static void begin(ChannelPipeline pipeline) {
    pipeline.addFirst(new OrderlyClose());
    SslHandler tls = pipeline.get(SslHandler.class);
    DuplexChannel channel = (DuplexChannel) pipeline.channel();
    ChannelFuture last = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
    last.addListener(
        done -> {
          channel.shutdownOutput();
          if (channel.isInputShutdown()) {
            channel.close();
          }
        });
    channel.config().setAutoRead(true);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    // From here the close passes by the layers, which have nothing more to say.
    end = ctx.executor().schedule(() -> ctx.close(), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    end.cancel(false);
    ctx.fireChannelInactive();
  }
}
