/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.FlightBudget;
import io.millrace.rpc.proxy.ProxyHeader;
import io.millrace.rpc.proxy.ProxySettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Life of a netcat source: a listening socket and two event loops for all connections. */
final class NetcatSource implements Source {
  private static final int IO_THREADS = 2;
  private static final int BACKLOG = 1024;
  private static final long STOP_PATIENCE_SECONDS = 5;

  private final NetcatOptions options;
  private final SourceContext context;
  private final LongSupplier nanoTime;
  private final NetcatCounters counters;
  private final ProxySettings proxy;
  private EventLoopGroup loops;
  private Channel listener;
  private ChannelGroup clients;
  private volatile Connections<LineConnection> connections;
  private volatile FlightBudget budget;

  NetcatSource(NetcatOptions options, SourceContext context) {
    this(options, context, System::nanoTime);
  }

  NetcatSource(NetcatOptions options, SourceContext context, LongSupplier nanoTime) {
    this.options = options;
    this.context = context;
    this.nanoTime = nanoTime;
    this.proxy = options.proxy().settings();
    this.counters = new NetcatCounters(context.name(), context.metrics());
  }

  @Override
  public void start() {
    connections = new Connections<>(options.maxConnections(), counters.connections(), nanoTime);
    budget = new FlightBudget(options.maxBytesInFlight().bytes());
    context.metrics().gauge("OpenConnectionCount", () -> connections.count());
    context.metrics().gauge("BytesInFlight", () -> budget.usedBytes());
    loops =
        new MultiThreadIoEventLoopGroup(
            IO_THREADS, context.threads("io"), NioIoHandler.newFactory());
    clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new Initializer());
    ChannelFuture bound =
        bootstrap
            .bind(new InetSocketAddress(options.bind(), options.port()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      shutDownLoops();
      throw new TransientException(
          context.name()
              + ": can't listen on "
              + options.bind()
              + ":"
              + options.port()
              + ": "
              + bound.cause().getMessage()
              + ". Free the port, or correct bind and port; start is tried again",
          bound.cause());
    }
    listener = bound.channel();
  }

  /** The port it listens on. */
  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void stop() {
    if (loops == null) {
      return;
    }
    if (listener != null) {
      listener.close().awaitUninterruptibly();
      listener = null;
    }
    for (LineConnection connection : connections.all()) {
      connection.finish();
    }
    clients.newCloseFuture().awaitUninterruptibly(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS);
    clients.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    shutDownLoops();
  }

  private void shutDownLoops() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    loops = null;
  }

  private final class Initializer extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      clients.add(channel);
      long idleMillis = options.idleTimeout().toMillis();
      if (idleMillis > 0) {
        channel.pipeline().addLast(new IdleStateHandler(idleMillis, 0, 0, TimeUnit.MILLISECONDS));
      }
      LineConnection connection =
          new LineConnection(options, context.output(), budget, connections, counters, nanoTime);
      if (proxy.concerns(channel.remoteAddress().getAddress())) {
        channel.pipeline().addFirst(new ProxyHeader(proxy, connection));
      }
      channel.pipeline().addLast(connection);
    }
  }
}
