/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.DataSize;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.components.http.RawClient.Response;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.rpc.transport.ServerLimits;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A source under test, and its clients. Fields are set before the start. */
final class HttpRig implements AutoCloseable {
  static final String EVENTS =
      "[{\"headers\":{\"a\":\"1\",\"b\":\"zwei\"},\"body\":\"first\"},{\"body\":\"grüße\"}]";

  final ToySourceContext context = new ToySourceContext();
  final ToyOutput output = context.output();
  private final List<RawClient> clients = new ArrayList<>();
  HttpHandlerOptions handler = new JsonHandlerOptions();
  ProxyProtocolOptions proxy = ProxyProtocolOptions.OFF;
  long maxRequestBytes = 1 << 20;
  int maxConnections = 100;
  Duration idleTimeout = Duration.ofSeconds(30);
  Duration slowRequestTimeout = Duration.ofSeconds(30);
  Optional<DataSize> maxInFlight = Optional.empty();
  Map<String, String> serverConnector = Map.of();
  Optional<Duration> budgetTurn = Optional.empty();
  HttpSource source;

  HttpSourceOptions options(int port) {
    return new HttpSourceOptions(
        "127.0.0.1",
        port,
        handler,
        ServerTlsOptions.none(),
        new HttpLimitOptions(
            maxConnections,
            2048,
            DataSize.ofBytes(maxRequestBytes),
            DataSize.ofBytes(8192),
            maxInFlight,
            idleTimeout,
            slowRequestTimeout,
            Duration.ofSeconds(300),
            Duration.ZERO),
        proxy,
        Map.of(),
        Map.of(),
        serverConnector,
        Map.of());
  }

  void start() {
    HttpSourceOptions options = options(0);
    source = new HttpSource(options, context, limits(options.serverLimits()));
    source.start();
  }

  private ServerLimits limits(ServerLimits limits) {
    return new ServerLimits(
        limits.frames(),
        limits.maxConnections(),
        limits.maxConnectionsPerPeer(),
        limits.maxRequestsPerConnection(),
        limits.maxBytesPerConnection(),
        limits.maxBytesInFlight(),
        limits.handshakeTimeout(),
        limits.idleTimeout(),
        limits.frameGrace(),
        limits.minFrameBytesPerSecond(),
        limits.frameDeadline(),
        budgetTurn.orElse(limits.budgetTurn()),
        limits.maxConnectionAge());
  }

  RawClient connect() throws IOException {
    RawClient client = new RawClient(source.address());
    clients.add(client);
    return client;
  }

  Response post(String body) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.post(body);
      return client.read();
    }
  }

  Response postWith(String headers, byte[] body) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.post(body, headers);
      return client.read();
    }
  }

  Response exchange(String bytes) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.send(bytes);
      return client.read();
    }
  }

  @Override
  public void close() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    output.release();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }
}
