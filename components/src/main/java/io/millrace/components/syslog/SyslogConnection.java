/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.EncodedHeaders;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.PeerNames;
import io.millrace.kit.text.LineJoiner;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.rpc.proxy.ProxyListener;
import io.millrace.rpc.session.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * One client: bytes in, nothing out. Confined to the connection's event loop, except where said.
 *
 * <p>Bounds: one message that is not complete; nothing is read while the loop is blocked, except
 * one buffer that was on its way.
 */
final class SyslogConnection extends ChannelInboundHandlerAdapter
    implements ProxyListener, Connections.Client {
  /** What the joiner of lines is told as the position behind a line that was cut. */
  private static final long CUT = 1;

  private final SyslogListening listening;
  private final SyslogListening.Port port;
  private final SyslogLoop loop;
  private final Connections<SyslogConnection> connections;
  private final PeerNames names;
  private final SyslogCounters counters;
  private final LongSupplier nanoTime;
  private final SyslogFramer framer;
  private final Optional<LineJoiner> joiner;
  private Channel channel;
  private InetSocketAddress client;
  private EncodedHeaders headers = EncodedHeaders.NONE;
  private int keptBytes;
  private long skippedBytes;
  private boolean isJoinTimed;

  /** Whether a message was complete since it was last said what is kept. */
  private boolean hasProgress;

  private volatile boolean isPaused;
  private boolean isNameAwaited;
  private boolean isEnded;
  private volatile long lastReadNanos;

  SyslogConnection(
      SyslogListening listening,
      SyslogListening.Port port,
      SyslogLoop loop,
      Connections<SyslogConnection> connections,
      PeerNames names,
      SyslogCounters counters,
      LongSupplier nanoTime) {
    this.listening = listening;
    this.port = port;
    this.loop = loop;
    this.connections = connections;
    this.names = names;
    this.counters = counters;
    this.nanoTime = nanoTime;
    this.framer =
        new SyslogFramer(listening.stream().framing(), listening.maxMessageBytes(), this::message);
    MultilineOptions multiline = listening.stream().multiline();
    this.joiner =
        multiline.isOn()
            ? Optional.of(
                new LineJoiner(
                    multiline,
                    port.charset(),
                    (array, offset, length, isCut) -> add(array, offset, length, isCut == CUT)))
            : Optional.empty();
    this.lastReadNanos = nanoTime.getAsLong();
  }

  @Override
  public long lastReadNanos() {
    return lastReadNanos;
  }

  /** What has waited for its end is handed on when the connection is closed. */
  @Override
  public boolean isQuiet() {
    return !isPaused;
  }

  @Override
  public void close() {
    Channel open = channel;
    if (open != null) {
      open.close();
    }
  }

  /**
   * Tells the client that the connection ends, and reads what it had sent: senders that look
   * (rsyslog, syslog-ng) send the rest elsewhere or later. Any thread.
   */
  void end() {
    Channel open = channel;
    if (open != null) {
      open.eventLoop().execute(() -> announceEnd(open));
    }
  }

  private void announceEnd(Channel open) {
    if (!open.isActive()) {
      return;
    }
    SslHandler tls = open.pipeline().get(SslHandler.class);
    if (tls != null) {
      tls.closeOutbound();
    }
    if (open instanceof DuplexChannel duplex) {
      duplex.shutdownOutput();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    channel = context.channel();
    if (!connections.admit(this)) {
      context.close();
      return;
    }
    setClient((InetSocketAddress) channel.remoteAddress(), () -> {});
    context.fireChannelActive();
  }

  private void setClient(InetSocketAddress address, Runnable goOn) {
    client = address;
    if (listening.message().clientHostnameHeader().isEmpty()) {
      setHeaders();
      goOn.run();
      return;
    }
    isNameAwaited = true;
    updateReading();
    names.lookUp(
        address,
        () ->
            channel
                .eventLoop()
                .execute(
                    () -> {
                      isNameAwaited = false;
                      setHeaders();
                      goOn.run();
                      updateReading();
                    }));
  }

  private void setHeaders() {
    Map<String, String> others = new HashMap<>(port.headers());
    listening.stream()
        .proxy()
        .clientAddressHeader()
        .ifPresent(name -> others.put(name, Peer.hostOf(client)));
    headers = listening.message().headersOf(client, names::nameOrAddress, others);
  }

  @Override
  public void clientKnown(InetSocketAddress address, Runnable goOn) {
    setClient(address, goOn);
  }

  @Override
  public void headerFailed(Fault fault) {
    counters.connections().proxyHeaderFailed(client, fault);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      lastReadNanos = nanoTime.getAsLong();
      if (!isEnded) {
        int length = bytes.readableBytes();
        framer.feed(loop.read(bytes), 0, length);
        account();
      }
    } finally {
      bytes.release();
    }
    updateReading();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    loop.flushSoon();
  }

  private void message(byte[] array, int offset, int length, boolean isCut) {
    hasProgress = true;
    if (isCut) {
      counters.cut();
    }
    if (joiner.isPresent()) {
      joiner.get().line(array, offset, length, isCut ? CUT : 0, System.nanoTime());
      timeJoiner();
    } else {
      add(array, offset, length, isCut);
    }
  }

  /** What waits for more lines goes on when none comes. */
  private void timeJoiner() {
    long dueNanos = joiner.orElseThrow().nanosUntilDue(System.nanoTime());
    if (isJoinTimed || dueNanos == Long.MAX_VALUE) {
      return;
    }
    isJoinTimed = true;
    channel
        .eventLoop()
        .schedule(
            () -> {
              isJoinTimed = false;
              joiner.get().flushIfDue(System.nanoTime());
              if (!isEnded) {
                account();
              }
              loop.flushSoon();
              timeJoiner();
            },
            Math.max(1, dueNanos),
            TimeUnit.NANOSECONDS);
  }

  private void add(byte[] array, int offset, int length, boolean isCut) {
    loop.events()
        .add(array, offset, length, isCut, port.charset(), headers, loop.collector().batch());
    loop.collector().added();
  }

  private void account() {
    int before = keptBytes;
    keptBytes = framer.carryCapacity() + joiner.map(LineJoiner::heldBytes).orElse(0);
    boolean hasUnfinished =
        framer.hasUnfinished() || joiner.map(LineJoiner::isWaiting).orElse(false);
    long skipped = framer.skippedBytes();
    counters.skipped(skipped - skippedBytes);
    skippedBytes = skipped;
    if (hasProgress) {
      hasProgress = false;
      loop.beginsAnew(this);
    }
    loop.keeps(this, before, keptBytes, hasUnfinished);
  }

  /** Its unfinished message is handed on as it is. */
  void closeForBudget() {
    counters.closedForBudget(client);
    inputEnded();
    channel.close();
  }

  private void inputEnded() {
    if (isEnded) {
      return;
    }
    isEnded = true;
    framer.finish();
    joiner.ifPresent(LineJoiner::flush);
    loop.keeps(this, keptBytes, 0, false);
    keptBytes = 0;
    loop.flushSoon();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded();
      context.close();
    } else if (event instanceof IdleStateEvent && !isPaused) {
      counters.idleClosed();
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    inputEnded();
    connections.remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    counters.connections().connectionFailed(client, cause);
    context.close();
  }

  /** There is room again. */
  void resume() {
    isPaused = false;
    updateReading();
  }

  private void updateReading() {
    if (!channel.isOpen()) {
      return;
    }
    if (!isPaused && loop.isBlocked()) {
      isPaused = true;
      loop.paused(this);
    }
    boolean mayRead = !isPaused && !isNameAwaited;
    if (channel.config().isAutoRead() != mayRead) {
      channel.config().setAutoRead(mayRead);
    }
  }
}
