/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.millrace.rpc.proxy.ProxyListener.Fault;
import io.millrace.rpc.proxy.ProxySettings.Expectation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Takes the PROXY header off the beginning of a connection, before TLS and compression. Must be the
 * first handler; removes itself, and what is behind the header goes on untouched. Confined to the
 * event loop.
 *
 * <p>Believed is the source address of a TCP connection over IPv4 or IPv6. A header that names
 * nobody (version 2 LOCAL, as load balancers send with health checks; version 1 UNKNOWN; sockets
 * that are neither) leaves the connection the address it came from. Entries behind the addresses
 * (TLVs) are not looked at.
 *
 * <p>Bounds: {@link ProxySettings#headerTimeout()} for the whole header; 108 bytes of version 1, of
 * version 2 the addresses and {@link #MAX_TLV_BYTES}; and what one turn of reading brings.
 */
public final class ProxyHeader extends ChannelInboundHandlerAdapter {
  /** Names, certificates' subjects and cloud providers' marks take some hundreds. */
  static final int MAX_TLV_BYTES = 2048;

  private enum State {
    DETECTING,
    /** The library's decoder is in front. */
    DECODING,
    /** The client is known; what is behind the header waits. */
    KNOWN,
    DONE
  }

  private final ProxySettings settings;
  private final ProxyListener listener;
  private State state = State.DETECTING;
  private Expectation expectation = Expectation.HEADER;
  private ByteBuf held = Unpooled.EMPTY_BUFFER;
  private boolean isEnded;
  private ScheduledFuture<?> timeout;

  public ProxyHeader(ProxySettings settings, ProxyListener listener) {
    this.settings = settings;
    this.listener = listener;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    expectation = settings.expects(peer(ctx).getAddress());
    ctx.fireChannelActive();
    if (!ctx.channel().isActive()) {
      // There was no room for it.
      isEnded = true;
    } else if (expectation == Expectation.REFUSED) {
      fail(ctx, Fault.UNTRUSTED);
    } else if (expectation == Expectation.HEADER) {
      startClock(ctx);
    }
  }

  private void startClock(ChannelHandlerContext ctx) {
    if (timeout == null && !isEnded) {
      timeout =
          ctx.executor()
              .schedule(
                  () -> fail(ctx, Fault.TIMED_OUT),
                  settings.headerTimeout().toNanos(),
                  TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (isEnded) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof HAProxyMessage header) {
      take(ctx, header);
    } else if (state == State.DONE) {
      ctx.fireChannelRead(message);
    } else {
      held = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), held, (ByteBuf) message);
      if (state == State.DETECTING) {
        detect(ctx);
      }
    }
  }

  private void detect(ChannelHandlerContext ctx) {
    switch (HeaderStart.of(held)) {
      case NEEDS_MORE -> startClock(ctx);
      case SOMETHING_ELSE -> withoutHeader(ctx);
      case HEADER -> {
        state = State.DECODING;
        startClock(ctx);
        ByteBuf begun = held;
        held = Unpooled.EMPTY_BUFFER;
        ctx.pipeline().addFirst(new HAProxyMessageDecoder(MAX_TLV_BYTES, true));
        ctx.pipeline().fireChannelRead(begun);
      }
    }
  }

  private void withoutHeader(ChannelHandlerContext ctx) {
    if (expectation == Expectation.HEADER) {
      fail(ctx, Fault.MISSING);
    } else {
      known(ctx, peer(ctx));
    }
  }

  private void take(ChannelHandlerContext ctx, HAProxyMessage header) {
    Optional<InetSocketAddress> client;
    try {
      client = client(header);
    } finally {
      header.release();
    }
    known(ctx, client.orElseGet(() -> peer(ctx)));
  }

  private static Optional<InetSocketAddress> client(HAProxyMessage header) {
    HAProxyProxiedProtocol proxied = header.proxiedProtocol();
    boolean isTcp =
        proxied == HAProxyProxiedProtocol.TCP4 || proxied == HAProxyProxiedProtocol.TCP6;
    if (!isTcp || header.command() == HAProxyCommand.LOCAL || header.sourceAddress() == null) {
      return Optional.empty();
    }
    byte[] address = NetUtil.createByteArrayFromIpAddressString(header.sourceAddress());
    if (address == null) {
      throw new DecoderException("source address");
    }
    try {
      // IPv4 in IPv6 becomes IPv4, so that rules for addresses see what they were written for.
      return Optional.of(
          new InetSocketAddress(InetAddress.getByAddress(address), header.sourcePort()));
    } catch (UnknownHostException e) {
      throw new DecoderException("source address", e);
    }
  }

  private void known(ChannelHandlerContext ctx, InetSocketAddress client) {
    state = State.KNOWN;
    stopClock();
    listener.clientKnown(client, () -> goOn(ctx));
  }

  private void goOn(ChannelHandlerContext ctx) {
    if (state != State.KNOWN || isEnded || ctx.isRemoved()) {
      return;
    }
    state = State.DONE;
    ByteBuf rest = held;
    held = Unpooled.EMPTY_BUFFER;
    if (rest.isReadable()) {
      ctx.fireChannelRead(rest);
      ctx.fireChannelReadComplete();
    } else {
      rest.release();
    }
    ctx.pipeline().remove(this);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !isEnded) {
      if (state == State.DETECTING && expectation != Expectation.HEADER) {
        // What came is all there is, however much it looked like the beginning of a header.
        withoutHeader(ctx);
      } else if (state == State.DETECTING && !held.isReadable()) {
        // Somebody looked whether the port is open.
        end(ctx);
      } else if (state == State.DETECTING || state == State.DECODING) {
        fail(ctx, Fault.MALFORMED);
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (isEnded) {
      return;
    }
    if (state == State.DECODING && cause instanceof DecoderException) {
      fail(ctx, Fault.MALFORMED);
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }

  private void fail(ChannelHandlerContext ctx, Fault fault) {
    if (isEnded || state == State.KNOWN || state == State.DONE) {
      return;
    }
    listener.headerFailed(fault);
    end(ctx);
  }

  private void end(ChannelHandlerContext ctx) {
    isEnded = true;
    stopClock();
    ctx.close();
  }

  private void stopClock() {
    if (timeout != null) {
      timeout.cancel(false);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    isEnded = true;
    stopClock();
    held.release();
    held = Unpooled.EMPTY_BUFFER;
  }

  private static InetSocketAddress peer(ChannelHandlerContext ctx) {
    return (InetSocketAddress) ctx.channel().remoteAddress();
  }
}
