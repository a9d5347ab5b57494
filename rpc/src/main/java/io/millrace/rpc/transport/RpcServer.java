/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.api.Metrics;
import io.millrace.rpc.proxy.ProxyHeader;
import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.session.ServerDialect;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for peers that append events. A few event loops serve all connections; no thread waits
 * for a peer or for a channel. Safe for many threads.
 */
public final class RpcServer {
  private static final Logger LOGGER = LoggerFactory.getLogger(RpcServer.class);

  private static final int BACKLOG = 1024;
  private static final int KEEP_ALIVE_IDLE_SECONDS = 60;
  private static final int KEEP_ALIVE_INTERVAL_SECONDS = 15;
  private static final int KEEP_ALIVE_PROBES = 4;

  /** Threads that ask name servers for the filter, and peers that wait for them. */
  private static final int MAX_LOOKUP_THREADS = 4;

  private static final int MAX_WAITING_LOOKUPS = 1024;

  /** Answers that wait for a peer to read them; above it the connection is not read. */
  private static final WriteBufferWaterMark UNREAD_ANSWERS =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  private static final Duration TLS_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /** How long closing connections may take after the grace of a stop. */
  private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);

  private final String name;
  private final ServerDialect dialect;
  private final ServerSettings settings;
  private final RequestHandler handler;
  private final BoundedLog log = new BoundedLog(LOGGER);
  private final InFlightBudget budget;
  private final ConnectionTable<ServerConnection> connections;
  private final ServerMetrics metrics;
  private final ThreadPoolExecutor lookups;
  private final EventLoopGroup loops;
  private final Channel listener;
  private volatile boolean stopping;

  /** As the other, for Avro RPC. */
  public static RpcServer open(
      String name,
      ServerSettings settings,
      RequestHandler handler,
      Metrics metrics,
      ThreadFactory threads)
      throws IOException {
    return open(name, new AvroDialect(), settings, handler, metrics, threads);
  }

  /**
   * Listens from now on.
   *
   * @param name what the log calls this server
   * @throws IOException when the address cannot be listened on; nothing is held then
   */
  public static RpcServer open(
      String name,
      ServerDialect dialect,
      ServerSettings settings,
      RequestHandler handler,
      Metrics metrics,
      ThreadFactory threads)
      throws IOException {
    return new RpcServer(name, dialect, settings, handler, metrics, threads);
  }

  private RpcServer(
      String name,
      ServerDialect dialect,
      ServerSettings settings,
      RequestHandler handler,
      Metrics metrics,
      ThreadFactory threads)
      throws IOException {
    this.name = name;
    this.dialect = dialect;
    this.settings = settings;
    this.handler = handler;
    ServerLimits limits = settings.limits();
    this.budget = new InFlightBudget(limits.maxBytesInFlight());
    this.connections =
        new ConnectionTable<>(limits.maxConnections(), limits.maxConnectionsPerPeer());
    this.metrics = new ServerMetrics(metrics, connections, budget);
    this.lookups =
        new ThreadPoolExecutor(
            MAX_LOOKUP_THREADS,
            MAX_LOOKUP_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_LOOKUPS),
            threads);
    lookups.allowCoreThreadTimeOut(true);
    this.loops =
        new MultiThreadIoEventLoopGroup(settings.ioThreads(), threads, NioIoHandler.newFactory());
    this.listener = listen();
    long turnNanos = limits.budgetTurn().toNanos();
    loops
        .next()
        .scheduleWithFixedDelay(
            () -> budget.closeOverdue(connections.all(), turnNanos),
            turnNanos,
            turnNanos / 4 + 1,
            TimeUnit.NANOSECONDS);
  }

  private Channel listen() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEP_ALIVE_IDLE_SECONDS)
            .childOption(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL),
                KEEP_ALIVE_INTERVAL_SECONDS)
            .childOption(
                NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEP_ALIVE_PROBES)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD_ANSWERS)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open(channel);
                  }
                })
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      endLoops();
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  private void open(Channel channel) {
    InetSocketAddress peer = (InetSocketAddress) channel.remoteAddress();
    boolean awaitsHeader = settings.proxy().concerns(peer.getAddress());
    ServerConnection connection = new ServerConnection(this, awaitsHeader);
    if (awaitsHeader) {
      channel.pipeline().addLast(new ProxyHeader(settings.proxy(), connection));
    }
    channel.pipeline().addLast(ServerConnection.HANDLER, connection);
  }

  /** Puts TLS and compression between the socket and its connection. */
  void addLayers(ChannelPipeline pipeline) {
    Layers.addServerSide(
        pipeline, ServerConnection.HANDLER, settings.wrapping(), TLS_HANDSHAKE_TIMEOUT);
  }

  /** The address listened on, with the actual port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /**
   * Accepts and reads no more; answers what is in flight as it completes, each connection closing
   * in order after its last answer. What has not completed after {@code grace} gets no answer,
   * since its outcome is not known. Closes everything. Idempotent.
   */
  public void stop(Duration grace) throws InterruptedException {
    stopping = true;
    long deadlineNanos = System.nanoTime() + grace.toNanos();
    listener.close().awaitUninterruptibly();
    connections.all().forEach(ServerConnection::stop);
    if (!connections.awaitEmpty(deadlineNanos)) {
      connections.all().forEach(ServerConnection::abandon);
      connections.awaitEmpty(System.nanoTime() + CLOSE_PATIENCE.toNanos());
    }
    endLoops();
  }

  private void endLoops() {
    lookups.shutdownNow();
    // Closes what is still open.
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /**
   * Asks the filter about a peer, off the event loops if that may take time. False at once when too
   * many others wait for that.
   */
  void filter(InetSocketAddress peer, Consumer<Boolean> decided) {
    PeerFilter filter = settings.filter();
    if (!filter.mayBlock()) {
      decided.accept(filter.accepts(peer.getAddress()));
      return;
    }
    try {
      lookups.execute(() -> decided.accept(filter.accepts(peer.getAddress())));
    } catch (RejectedExecutionException e) {
      decided.accept(false);
    }
  }

  void refusedByFilter(String peer) {
    metrics.connectionsRefusedFilter.increment();
    log.warn(name + ": peer " + peer + ": refused by the filter rules");
  }

  /** Whether the connection may stay; says why if not. */
  boolean admit(ServerConnection connection, InetSocketAddress peer) {
    if (stopping) {
      return false;
    }
    switch (connections.admit(connection, peer.getAddress())) {
      case ADMITTED -> {
        if (stopping) {
          connection.stop();
        }
        return true;
      }
      case TOO_MANY -> {
        metrics.connectionsRefusedLimit.increment();
        log.warn(
            name
                + ": peer "
                + peer
                + ": refused, "
                + limits().maxConnections()
                + " connections are open (the most allowed)");
      }
      case TOO_MANY_OF_PEER -> refusedAsTooMany(peer);
    }
    return false;
  }

  /** Whether the connection may stay as that of the client that a PROXY header names. */
  boolean readmit(ServerConnection connection, InetSocketAddress from, InetSocketAddress client) {
    boolean isAdmitted = connections.readmit(connection, from.getAddress(), client.getAddress());
    if (!isAdmitted) {
      refusedAsTooMany(client);
    }
    return isAdmitted;
  }

  private void refusedAsTooMany(InetSocketAddress peer) {
    metrics.connectionsRefusedPeerLimit.increment();
    log.warn(
        name
            + ": peer "
            + peer
            + ": refused, "
            + limits().maxConnectionsPerPeer()
            + " connections of this peer are open (the most allowed)");
  }

  void closed(ServerConnection connection, InetSocketAddress peer) {
    connections.remove(connection, peer.getAddress());
    budget.forget(connection);
  }

  void handlerFailed(String what, Throwable failure) {
    log.warn(what + ": " + failure.getClass().getSimpleName());
    LOGGER.debug("{}", what, failure);
  }

  String name() {
    return name;
  }

  ServerLimits limits() {
    return settings.limits();
  }

  RequestHandler handler() {
    return handler;
  }

  ServerDialect dialect() {
    return dialect;
  }

  InFlightBudget budget() {
    return budget;
  }

  ServerMetrics metrics() {
    return metrics;
  }

  BoundedLog log() {
    return log;
  }
}
