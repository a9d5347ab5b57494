/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.FlightBudget;
import io.millrace.components.listen.PeerNames;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.proxy.ProxyHeader;
import io.millrace.rpc.proxy.ProxySettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.EventExecutor;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Life of a source that gets syslog over TCP: listening sockets, and a few event loops for all
 * connections.
 */
final class SyslogTcpSource implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogTcpSource.class);
  private static final int BACKLOG = 1024;
  private static final int FIRST_READ_BYTES = 4096;
  private static final int MIN_READ_BYTES = 512;
  private static final long TLS_HANDSHAKE_MILLIS = 10_000;

  /** How often a port that was in use is tried again while others are listened on. */
  private static final long REBIND_SECONDS = 5;

  /** How long clients may take to notice that their connection ends, and are read meanwhile. */
  private static final long END_PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(2500);

  /** A client that is ending and sent nothing for so long has nothing more. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  /** How long a stop waits for the channels to take what was read. */
  private static final long CHANNEL_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(4);

  private static final long STEP_MILLIS = 10;

  private final SyslogListening listening;
  private final SourceContext context;
  private final LongSupplier currentMillis;
  private final LongSupplier nanoTime;
  private final SyslogCounters counters;
  private final ProxySettings proxy;
  private final Map<EventLoop, SyslogLoop> loopOf = new HashMap<>();
  private final List<Channel> listeners = new ArrayList<>();
  private EventLoopGroup loops;
  private PeerNames names;
  private Optional<Supplier<SSLEngine>> tls = Optional.empty();
  private volatile boolean isStopping;
  private volatile Connections<SyslogConnection> connections;

  SyslogTcpSource(SyslogListening listening, SourceContext context) {
    this(listening, context, System::currentTimeMillis, System::nanoTime);
  }

  SyslogTcpSource(
      SyslogListening listening,
      SourceContext context,
      LongSupplier currentMillis,
      LongSupplier nanoTime) {
    this.listening = listening;
    this.context = context;
    this.currentMillis = currentMillis;
    this.nanoTime = nanoTime;
    this.proxy = listening.stream().proxy().settings();
    this.counters = new SyslogCounters(context.name(), context.metrics());
  }

  @Override
  public void start() {
    tls = listening.stream().tls().engines(TlsFallbacks.ofProcess());
    SyslogStreamOptions stream = listening.stream();
    connections = new Connections<>(stream.maxConnections(), counters.connections(), nanoTime);
    FlightBudget budget = new FlightBudget(stream.maxBytesInFlight().bytes());
    AtomicLong unfinishedBytes = new AtomicLong();
    context.metrics().gauge("OpenConnectionCount", () -> connections.count());
    context.metrics().gauge("BytesInFlight", budget::usedBytes);
    context.metrics().gauge("BytesUnfinished", unfinishedBytes::get);
    names = new PeerNames(context.threads("names"), nanoTime);
    loops =
        new MultiThreadIoEventLoopGroup(
            listening.ioThreads(), context.threads("io"), NioIoHandler.newFactory());
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      loopOf.put(
          loop,
          new SyslogLoop(
              loop, context.output(), listening, events(), budget, unfinishedBytes, counters));
    }
    listen();
  }

  private SyslogEvents events() {
    return new SyslogEvents(
        listening.dialect(),
        listening.message().kept(),
        new SyslogTimestamps(listening.zone(), currentMillis),
        listening.format().custom(listening.zone()));
  }

  private void listen() {
    TransientException failure = null;
    List<SyslogListening.Port> failed = new ArrayList<>();
    for (SyslogListening.Port port : listening.ports()) {
      ChannelFuture bound = bind(port).awaitUninterruptibly();
      if (bound.isSuccess()) {
        listeners.add(bound.channel());
      } else {
        failed.add(port);
        failure = trouble(port, bound.cause());
      }
    }
    if (listeners.isEmpty()) {
      shutDownLoops();
      throw failure;
    }
    for (SyslogListening.Port port : failed) {
      LOG.warn("{} The other ports are listened on.", trouble(port, null).getMessage());
      bindLater(port);
    }
  }

  private TransientException trouble(SyslogListening.Port port, Throwable cause) {
    return new TransientException(
        context.name()
            + ": can't listen on "
            + listening.host()
            + ":"
            + port.number()
            + (cause == null ? "" : ": " + cause.getMessage())
            + ". Free the port, or correct the configuration; it is tried again",
        cause);
  }

  private void bindLater(SyslogListening.Port port) {
    loops
        .next()
        .schedule(
            () -> {
              if (!isStopping) {
                bind(port).addListener(done -> bound(port, (ChannelFuture) done));
              }
            },
            REBIND_SECONDS,
            TimeUnit.SECONDS);
  }

  private void bound(SyslogListening.Port port, ChannelFuture done) {
    synchronized (listeners) {
      if (done.isSuccess() && !isStopping) {
        listeners.add(done.channel());
        LOG.info("{}: listens on {}:{} now", context.name(), listening.host(), port.number());
        return;
      }
    }
    if (done.isSuccess()) {
      done.channel().close();
    } else {
      bindLater(port);
    }
  }

  private ChannelFuture bind(SyslogListening.Port port) {
    int most = listening.readBufferBytes();
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(
                    MIN_READ_BYTES, Math.min(FIRST_READ_BYTES, most), most))
            .childHandler(new Initializer(port));
    // Of the listener: the window of a connection is settled when it is accepted.
    listening.stream()
        .receiveBuffer()
        .ifPresent(size -> bootstrap.option(ChannelOption.SO_RCVBUF, (int) size.bytes()));
    return bootstrap.bind(new InetSocketAddress(listening.host(), port.number()));
  }

  /** The ports that it listens on. */
  List<Integer> ports() {
    synchronized (listeners) {
      return listeners.stream()
          .map(listener -> ((InetSocketAddress) listener.localAddress()).getPort())
          .toList();
    }
  }

  @Override
  public void stop() throws InterruptedException {
    if (loops == null) {
      return;
    }
    isStopping = true;
    List<Channel> open;
    synchronized (listeners) {
      open = List.copyOf(listeners);
      listeners.clear();
    }
    // Not within the lock, which a port that is just bound asks for on the loop that closes.
    open.forEach(listener -> listener.close().awaitUninterruptibly());
    endConnections();
    handOnTheRest();
    shutDownLoops();
  }

  private void endConnections() throws InterruptedException {
    connections.all().forEach(SyslogConnection::end);
    long deadlineNanos = System.nanoTime() + END_PATIENCE_NANOS;
    List<SyslogConnection> open = connections.all();
    long endedNanos = nanoTime.getAsLong();
    while (!open.isEmpty() && System.nanoTime() - deadlineNanos < 0) {
      Thread.sleep(STEP_MILLIS);
      long now = nanoTime.getAsLong();
      for (SyslogConnection connection : open) {
        boolean wasSilent =
            now - endedNanos > QUIET_NANOS && now - connection.lastReadNanos() > QUIET_NANOS;
        // One that is not read from for want of room may have sent more.
        if (wasSilent && connection.isQuiet()) {
          connection.close();
        }
      }
      open = connections.all();
    }
    if (!open.isEmpty()) {
      counters.stillSending(open.size());
      open.forEach(SyslogConnection::close);
    }
  }

  private void handOnTheRest() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + CHANNEL_PATIENCE_NANOS;
    while (!allEmpty() && System.nanoTime() - deadlineNanos < 0) {
      Thread.sleep(STEP_MILLIS);
    }
    long lost = 0;
    for (SyslogLoop loop : loopOf.values()) {
      lost += onLoop(loop, () -> loop.collector().abandon());
    }
    counters.lost(lost);
  }

  private boolean allEmpty() {
    return loopOf.values().stream().allMatch(loop -> onLoop(loop, loop.collector()::isEmpty));
  }

  private static <T> T onLoop(SyslogLoop loop, Supplier<T> question) {
    return CompletableFuture.supplyAsync(question, loop.eventLoop()).join();
  }

  private void shutDownLoops() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops = null;
    loopOf.clear();
    names.close();
  }

  private final class Initializer extends ChannelInitializer<SocketChannel> {
    private final SyslogListening.Port port;

    Initializer(SyslogListening.Port port) {
      this.port = port;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      long idleMillis = listening.stream().idleTimeout().toMillis();
      SyslogConnection connection =
          new SyslogConnection(
              listening,
              port,
              loopOf.get(channel.eventLoop()),
              connections,
              names,
              counters,
              nanoTime);
      if (proxy.concerns(channel.remoteAddress().getAddress())) {
        channel.pipeline().addLast(new ProxyHeader(proxy, connection));
      }
      if (tls.isPresent()) {
        SslHandler handler = new SslHandler(tls.get().get());
        handler.setHandshakeTimeoutMillis(TLS_HANDSHAKE_MILLIS);
        channel.pipeline().addLast(handler);
      }
      if (idleMillis > 0) {
        channel.pipeline().addLast(new IdleStateHandler(idleMillis, 0, 0, TimeUnit.MILLISECONDS));
      }
      channel.pipeline().addLast(connection);
    }
  }
}
