/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.session.ServerDialect;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** A server on a free loopback port, and its metrics. */
final class TestServer implements AutoCloseable {
  static final RequestHandler OK = r -> CompletableFuture.completedFuture(Answer.Status.OK);

  final RecordingMetrics metrics = new RecordingMetrics();
  final RpcServer server;

  TestServer(RequestHandler handler) throws IOException {
    this(handler, settings -> settings);
  }

  TestServer(RequestHandler handler, UnaryOperator<ServerSettings> change) throws IOException {
    this(new AvroDialect(), handler, change);
  }

  TestServer(ServerDialect dialect, RequestHandler handler, UnaryOperator<ServerSettings> change)
      throws IOException {
    ServerSettings settings =
        ServerSettings.plain(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    server =
        RpcServer.open("test", dialect, change.apply(settings), handler, metrics, daemon("server"));
  }

  static java.util.concurrent.ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  int port() {
    return server.address().getPort();
  }

  /** Limits that a test can reach. */
  static UnaryOperator<ServerSettings> limits(UnaryOperator<LimitsChange> change) {
    return settings ->
        new ServerSettings(
            settings.address(),
            change.apply(new LimitsChange(settings.limits())).limits,
            settings.wrapping(),
            settings.filter(),
            settings.ioThreads(),
            settings.proxy());
  }

  /** Copies of limits with one thing changed. */
  record LimitsChange(ServerLimits limits) {
    LimitsChange messageBytes(int bytes) {
      return with(
          FrameLimits.ofMessageBytes(bytes),
          limits.maxConnections(),
          limits.maxConnectionsPerPeer(),
          limits.maxRequestsPerConnection(),
          limits.maxBytesInFlight(),
          limits.handshakeTimeout(),
          limits.idleTimeout(),
          limits.frameGrace());
    }

    LimitsChange connections(int all, int perPeer) {
      return with(
          limits.frames(),
          all,
          perPeer,
          limits.maxRequestsPerConnection(),
          limits.maxBytesInFlight(),
          limits.handshakeTimeout(),
          limits.idleTimeout(),
          limits.frameGrace());
    }

    LimitsChange requestsPerConnection(int requests) {
      return with(
          limits.frames(),
          limits.maxConnections(),
          limits.maxConnectionsPerPeer(),
          requests,
          limits.maxBytesInFlight(),
          limits.handshakeTimeout(),
          limits.idleTimeout(),
          limits.frameGrace());
    }

    LimitsChange bytesInFlight(long bytes) {
      return with(
          limits.frames(),
          limits.maxConnections(),
          limits.maxConnectionsPerPeer(),
          limits.maxRequestsPerConnection(),
          bytes,
          limits.handshakeTimeout(),
          limits.idleTimeout(),
          limits.frameGrace());
    }

    LimitsChange times(Duration handshake, Duration idle, Duration frameGrace) {
      return with(
          limits.frames(),
          limits.maxConnections(),
          limits.maxConnectionsPerPeer(),
          limits.maxRequestsPerConnection(),
          limits.maxBytesInFlight(),
          handshake,
          idle,
          frameGrace);
    }

    LimitsChange deadlines(Duration frame, Duration budgetTurn) {
      return new LimitsChange(limits.withDeadlines(frame, budgetTurn));
    }

    private LimitsChange with(
        FrameLimits frames,
        int connections,
        int perPeer,
        int requests,
        long bytesInFlight,
        Duration handshake,
        Duration idle,
        Duration frameGrace) {
      return new LimitsChange(
          new ServerLimits(
              frames,
              connections,
              perPeer,
              requests,
              limits.maxBytesPerConnection(),
              bytesInFlight,
              handshake,
              idle,
              frameGrace,
              limits.minFrameBytesPerSecond(),
              limits.frameDeadline(),
              limits.budgetTurn(),
              limits.maxConnectionAge()));
    }
  }

  @Override
  public void close() throws InterruptedException {
    server.stop(Duration.ofSeconds(1));
  }
}
