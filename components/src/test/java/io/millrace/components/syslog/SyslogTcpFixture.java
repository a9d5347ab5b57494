/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.api.DataSize;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A source under test, the options it starts with, which a test sets before that, and connections
 * to it. All of it ends with the test.
 */
final class SyslogTcpFixture implements AfterEachCallback {
  /** For a machine that has much else to do. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  List<SyslogListening.Port> ports = List.of(new SyslogListening.Port(0, UTF_8, Map.of()));
  int eventSize = 2500;
  int batchSize = 100;
  int maxConnections = 100;
  long maxBytesInFlight = 32 << 20;
  Duration idleTimeout = Duration.ZERO;
  ProxyProtocolOptions proxy = ProxyProtocolOptions.OFF;
  MultilineOptions multiline = MultilineOptions.NONE;
  ServerTlsOptions tls = ServerTlsOptions.none();
  SyslogMessageOptions message = SyslogMessageOptions.PLAIN;

  private final ToySourceContext context = new ToySourceContext();
  private final List<Socket> sockets = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private SyslogTcpSource source;

  void start() {
    source =
        new SyslogTcpSource(
            new SyslogListening(
                "127.0.0.1",
                ports,
                eventSize,
                batchSize,
                2,
                SyslogListening.DEFAULT_READ_BUFFER_BYTES,
                SyslogDialect.SINGLE,
                ZoneOffset.UTC,
                message,
                SyslogFormatOptions.NONE,
                new SyslogStreamOptions(
                    Framing.AUTO,
                    maxConnections,
                    DataSize.ofBytes(maxBytesInFlight),
                    idleTimeout,
                    Optional.empty(),
                    multiline,
                    tls,
                    proxy)),
            context,
            () -> Messages.NOW.toEpochMilli(),
            now::get);
    source.start();
  }

  ToySourceContext context() {
    return context;
  }

  ToyOutput output() {
    return context.output();
  }

  SyslogTcpSource source() {
    return source;
  }

  /** Nanoseconds, by which connections are called silent. */
  AtomicLong now() {
    return now;
  }

  Socket connect() throws IOException {
    return keep(new Socket(InetAddress.getLoopbackAddress(), source.ports().get(0)));
  }

  /** It is closed when the test ends. */
  Socket keep(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  static String message(int number) {
    return "<13>Nov 23 05:09:19 host m" + number;
  }

  static ConditionFactory await() {
    return Awaitility.await().atMost(LIMIT);
  }

  void awaitBodies(int count) {
    await().until(() -> output().bodies().size() >= count);
  }

  @Override
  public void afterEach(ExtensionContext test) throws Exception {
    output().release();
    for (Socket socket : sockets) {
      socket.close();
    }
    if (source != null) {
      source.stop();
      source.stop();
    }
  }
}
