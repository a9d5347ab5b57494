/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Metrics;
import io.millrace.api.SourceContext;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.proxy.ProxyHeader;
import io.millrace.rpc.proxy.ProxySettings;
import io.millrace.rpc.transport.BoundedLog;
import io.millrace.rpc.transport.ConnectionTable;
import io.millrace.rpc.transport.InFlightBudget;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
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
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for HTTP clients. A few event loops serve all connections; no thread waits for a client
 * or for a channel. Safe for many threads.
 */
final class HttpServer {
  private static final Logger LOGGER = LoggerFactory.getLogger(HttpServer.class);

  private static final int DEFAULT_BACKLOG = 1024;

  /** Answers that wait for a client to read them; above it the connection is not read. */
  private static final WriteBufferWaterMark UNREAD_ANSWERS =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  private static final Duration TLS_HANDSHAKE_TIMEOUT = Duration.ofSeconds(10);

  /** How long closing connections may take after the grace of a stop. */
  private static final Duration CLOSE_PATIENCE = Duration.ofMillis(500);

  private final String name;
  private final HttpIntake intake;
  private final ServerLimits limits;
  private final int maxHeaderBytes;
  private final ProxySettings proxy;
  private final Optional<Supplier<SSLEngine>> tls;
  private final BoundedLog log = new BoundedLog(LOGGER);
  private final BodyBuffers bodies = new BodyBuffers();
  private final InFlightBudget budget;
  private final ConnectionTable<HttpConnection> connections;
  private final HttpCounters counters;
  private final EventLoopGroup loops;
  private final Channel listener;
  private volatile boolean isStopping;
  private volatile String date;

  private HttpServer(
      String name,
      HttpSourceOptions options,
      ServerLimits limits,
      HttpIntake intake,
      SourceContext context)
      throws IOException {
    this.name = name;
    this.intake = intake;
    this.limits = limits;
    this.maxHeaderBytes = options.maxHeaderBytes();
    this.proxy = options.proxy().settings();
    this.tls = options.tls().engines(TlsFallbacks.ofProcess());
    this.budget = new InFlightBudget(limits.maxBytesInFlight());
    this.connections =
        new ConnectionTable<>(limits.maxConnections(), limits.maxConnectionsPerPeer());
    Metrics metrics = context.metrics();
    this.counters = new HttpCounters(metrics, connections, budget);
    setDate();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            ServerSettings.defaultIoThreads(), context.threads("io"), NioIoHandler.newFactory());
    this.listener =
        listen(
            new InetSocketAddress(options.bind(), options.port()),
            options.jetty().backlog().orElse(DEFAULT_BACKLOG));
    long turnNanos = limits.budgetTurn().toNanos();
    loops
        .next()
        .scheduleWithFixedDelay(
            () -> budget.closeOverdue(connections.all(), turnNanos),
            turnNanos,
            turnNanos / 4 + 1,
            TimeUnit.NANOSECONDS);
    loops.next().scheduleWithFixedDelay(this::setDate, 500, 500, TimeUnit.MILLISECONDS);
  }

  /**
   * Listens from now on.
   *
   * @throws IOException when the address cannot be listened on; nothing is held then
   */
  static HttpServer open(
      String name,
      HttpSourceOptions options,
      ServerLimits limits,
      HttpIntake intake,
      SourceContext context)
      throws IOException {
    return new HttpServer(name, options, limits, intake, context);
  }

  private void setDate() {
    date =
        DateTimeFormatter.RFC_1123_DATE_TIME
            .format(Instant.now().atOffset(ZoneOffset.UTC))
            .replace("Z", "GMT");
  }

  private Channel listen(InetSocketAddress address, int backlog) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, backlog)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD_ANSWERS)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      endLoops();
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  private void open(Channel channel) {
    HttpConnection connection = new HttpConnection(this);
    if (awaitsHeader((InetSocketAddress) channel.remoteAddress())) {
      channel.pipeline().addLast(new ProxyHeader(proxy, connection));
    }
    channel.pipeline().addLast(HttpConnection.HANDLER, connection);
  }

  /** Whether a PROXY header comes first. */
  boolean awaitsHeader(InetSocketAddress peer) {
    return proxy.concerns(peer.getAddress());
  }

  /** Puts TLS and the decoder between the socket and its connection. */
  void addLayers(ChannelPipeline pipeline, HttpConnection connection) {
    if (tls.isPresent()) {
      SslHandler handler = new SslHandler(tls.get().get());
      handler.setHandshakeTimeoutMillis(TLS_HANDSHAKE_TIMEOUT.toMillis());
      pipeline.addBefore(HttpConnection.HANDLER, "tls", handler);
    }
    pipeline.addBefore(HttpConnection.HANDLER, "decoder", connection.decoder());
  }

  /** The address listened on, with the actual port. */
  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /**
   * Accepts and reads no more; answers what is in flight as it completes and refuses what is
   * half-received. What has not completed after {@code grace} gets no answer. Idempotent.
   */
  void stop(Duration grace) throws InterruptedException {
    isStopping = true;
    long deadlineNanos = System.nanoTime() + grace.toNanos();
    listener.close().awaitUninterruptibly();
    connections.all().forEach(HttpConnection::stop);
    if (!connections.awaitEmpty(deadlineNanos)) {
      connections.all().forEach(HttpConnection::abandon);
      connections.awaitEmpty(System.nanoTime() + CLOSE_PATIENCE.toNanos());
    }
    endLoops();
  }

  private void endLoops() {
    // Closes what is still open.
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /** Whether the connection may stay; says why if not. */
  boolean admit(HttpConnection connection, InetSocketAddress peer) {
    if (isStopping) {
      return false;
    }
    return switch (connections.admit(connection, peer.getAddress())) {
      case ADMITTED -> {
        if (isStopping) {
          connection.stop();
        }
        yield true;
      }
      case TOO_MANY -> {
        counters.refusedLimit.increment();
        log.warn(
            name
                + ": client "
                + peer
                + ": refused, "
                + limits.maxConnections()
                + " connections are open (the most allowed)");
        yield false;
      }
      case TOO_MANY_OF_PEER -> {
        refusedAsTooMany(peer);
        yield false;
      }
    };
  }

  /** Whether the connection may stay as that of the client that a PROXY header names. */
  boolean readmit(HttpConnection connection, InetSocketAddress from, InetSocketAddress client) {
    boolean isAdmitted = connections.readmit(connection, from.getAddress(), client.getAddress());
    if (!isAdmitted) {
      refusedAsTooMany(client);
    }
    return isAdmitted;
  }

  private void refusedAsTooMany(InetSocketAddress peer) {
    counters.refusedPeerLimit.increment();
    log.warn(
        name
            + ": client "
            + peer
            + ": refused, "
            + limits.maxConnectionsPerPeer()
            + " connections of this client are open (the most allowed)");
  }

  void closed(HttpConnection connection, InetSocketAddress client) {
    connections.remove(connection, client.getAddress());
    budget.forget(connection);
  }

  void failed(String what, Throwable failure) {
    log.warn(what + ": " + failure.getClass().getSimpleName());
    LOGGER.debug("{}", what, failure);
  }

  RequestBody newBody(long promisedBytes) {
    return new RequestBody(bodies, maxBodyBytes(), promisedBytes);
  }

  /** Now, as HTTP writes it; up to a second old. */
  String date() {
    return date;
  }

  String name() {
    return name;
  }

  ServerLimits limits() {
    return limits;
  }

  int maxBodyBytes() {
    return limits.frames().maxMessageBytes();
  }

  int maxHeaderBytes() {
    return maxHeaderBytes;
  }

  HttpIntake intake() {
    return intake;
  }

  InFlightBudget budget() {
    return budget;
  }

  HttpCounters counters() {
    return counters;
  }

  BoundedLog log() {
    return log;
  }
}
