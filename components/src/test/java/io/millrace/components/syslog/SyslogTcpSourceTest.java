/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.KeyStores;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.text.MultilineOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SyslogTcpSourceTest {
  private final ToySourceContext context = new ToySourceContext();
  private final ToyOutput output = context.output();
  private final List<Socket> sockets = new ArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private List<SyslogListening.Port> ports = List.of(new SyslogListening.Port(0, UTF_8, Map.of()));
  private int eventSize = 2500;
  private int batchSize = 100;
  private int maxConnections = 100;
  private long maxBytesInFlight = 32 << 20;
  private Duration idleTimeout = Duration.ZERO;
  private ProxyProtocolOptions proxy = ProxyProtocolOptions.OFF;
  private MultilineOptions multiline = MultilineOptions.NONE;
  private ServerTlsOptions tls = ServerTlsOptions.none();
  private SyslogMessageOptions message = SyslogMessageOptions.PLAIN;
  private SyslogTcpSource source;

  private void start() {
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

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), source.ports().get(0));
    sockets.add(socket);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  private static String message(int number) {
    return "<13>Nov 23 05:09:19 host m" + number;
  }

  private void awaitBodies(int count) {
    await().until(() -> output.bodies().size() >= count);
  }

  @AfterEach
  void stop() throws Exception {
    output.release();
    for (Socket socket : sockets) {
      socket.close();
    }
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  @Test
  void messagesOfBothFramingsArriveInTheirOrder() throws IOException {
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n27 " + message(2) + message(3) + "\n" + message(4));
    socket.shutdownOutput();
    awaitBodies(4);
    assertThat(output.bodies()).containsExactly("m1", "m2", "m3", "m4");
    assertThat(output.events().get(0).headers()).containsEntry("host", "host");
    assertThat(output.events().get(3).headers()).containsEntry("flume.syslog.status", "Incomplete");
  }

  @Test
  void theConnectionIsClosedWhenTheClientHasEnded() throws IOException {
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n");
    socket.shutdownOutput();
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    awaitBodies(1);
  }

  @Test
  void messagesOfManyConnectionsAreAllThere() throws IOException {
    start();
    for (int client = 0; client < 20; client++) {
      Socket socket = connect();
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        all.append(message(client * 500 + i)).append('\n');
      }
      send(socket, all.toString());
    }
    awaitBodies(10_000);
    assertThat(output.bodies())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 10_000).mapToObj(i -> "m" + i).toList());
    assertThat(output.largestBatchEvents()).isLessThanOrEqualTo(batchSize);
  }

  @Test
  void aBatchThatTheChannelRefusesIsTriedAgainAndNothingIsLost() throws IOException {
    output.hold();
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n");
    await().until(() -> output.pending().size() == 1);
    output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    await().until(() -> output.pending().size() == 1);
    send(socket, message(2) + "\n");
    output.release();
    awaitBodies(2);
    assertThat(output.bodies()).containsExactly("m1", "m2");
  }

  @Test
  void whatNoChannelCanEverTakeIsCountedAndGoesOn() throws IOException {
    output.hold();
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n");
    await().until(() -> output.pending().size() == 1);
    output.pending().get(0).fail(new RejectedException("too large"));
    output.release();
    send(socket, message(2) + "\n");
    awaitBodies(1);
    assertThat(output.bodies()).containsExactly("m2");
    assertThat(context.metrics().value("EventsRejected")).isEqualTo(1);
  }

  @Test
  void aFullChannelStopsTheReadingWithinItsBoundAndAllArrivesLater() throws Exception {
    maxBytesInFlight = 256 * 1024;
    output.hold();
    start();
    String body = "x".repeat(1000);
    int clients = 4;
    int messages = 20_000;
    List<Thread> senders = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      Socket socket = connect();
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < messages; i++) {
                    send(socket, "<13>Nov 23 05:09:19 host " + body + i + "\n");
                  }
                  socket.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      sender.start();
      senders.add(sender);
    }
    await().until(() -> context.metrics().value("BytesInFlight") >= maxBytesInFlight);
    // No more comes however long one waits; each connection had one buffer on its way at most.
    await()
        .during(Duration.ofMillis(300))
        .until(
            () ->
                context.metrics().value("BytesInFlight")
                    <= maxBytesInFlight + clients * 2L * SyslogListening.DEFAULT_READ_BUFFER_BYTES);
    assertThat(senders).allMatch(Thread::isAlive);
    output.release();
    awaitBodies(clients * messages);
    for (Thread sender : senders) {
      sender.join();
    }
    assertThat(output.bodies()).hasSize(clients * messages);
    await().until(() -> context.metrics().value("BytesInFlight") == 0);
  }

  @Test
  void aStopAnnouncesTheEndAndReadsWhatWasSent() throws Exception {
    start();
    Socket socket = connect();
    // As rsyslog: sends until it sees that the other side has ended.
    Thread sender =
        new Thread(
            () -> {
              try {
                for (int i = 0; socket.getInputStream().available() == 0; i++) {
                  send(socket, message(i) + "\n");
                  sent.set(i + 1);
                  socket.setSoTimeout(1);
                  try {
                    if (socket.getInputStream().read() < 0) {
                      break;
                    }
                  } catch (java.net.SocketTimeoutException e) {
                    // Goes on.
                  }
                }
                socket.close();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    sender.start();
    awaitBodies(20);
    source.stop();
    sender.join();
    assertThat(output.bodies()).hasSize((int) sent.get());
  }

  private final AtomicLong sent = new AtomicLong();

  @Test
  void aStopWithAFullChannelEndsInTimeAndCountsWhatIsLost() throws Exception {
    output.hold();
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n" + message(2) + "\n");
    await().until(() -> !output.pending().isEmpty());
    long before = System.nanoTime();
    source.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(9));
    assertThat(context.metrics().value("LinesLost")).isEqualTo(2);
  }

  @Test
  void halfMessagesTakeABoundedAmountOfMemory() throws IOException {
    eventSize = 1 << 20;
    maxBytesInFlight = 4 << 20;
    start();
    String half = "<13>Nov 23 05:09:19 host " + "x".repeat(700_000);
    for (int i = 0; i < 12; i++) {
      send(connect(), half);
    }
    await().until(() -> context.metrics().value("ConnectionsClosedBudget") >= 6);
    assertThat(context.metrics().value("BytesUnfinished"))
        .isLessThanOrEqualTo(maxBytesInFlight + (1 << 20));
    // Nobody's bytes are thrown away.
    await().until(() -> output.events().size() >= 6);
    assertThat(output.events().get(0).headers()).containsEntry("flume.syslog.status", "Incomplete");
  }

  @Test
  void linesThatBelongToAMessageAreJoinedToIt() throws IOException {
    multiline = MultilineOptions.of("^<\\d{1,3}>", true, MultilineOptions.Side.AFTER);
    start();
    Socket socket = connect();
    send(socket, message(1) + "\n\tat a\n\tat b\n" + message(2) + "\n\tat");
    socket.shutdownOutput();
    awaitBodies(2);
    assertThat(output.bodies()).containsExactly("m1\n\tat a\n\tat b", "m2\n\tat");
  }

  @Test
  void aJoinedMessageDoesNotWaitForTheNextOneForever() throws IOException {
    multiline =
        new MultilineOptions(
            Optional.of("^\\s"),
            false,
            MultilineOptions.Side.AFTER,
            500,
            DataSize.ofBytes(1 << 20),
            Duration.ofMillis(50));
    start();
    send(connect(), message(1) + "\n\tat a\n");
    awaitBodies(1);
    assertThat(output.bodies()).containsExactly("m1\n\tat a");
  }

  @Test
  void anOverlongMessageIsCutAndCounted() throws IOException {
    eventSize = 100;
    start();
    send(connect(), message(1) + "x".repeat(1000) + "\n" + message(2) + "\n");
    awaitBodies(2);
    assertThat(output.events().get(0).headers()).containsEntry("flume.syslog.status", "Incomplete");
    assertThat(output.bodies().get(1)).isEqualTo("m2");
    await().until(() -> context.metrics().value("BytesSkipped") > 900);
    assertThat(context.metrics().value("LinesTruncated")).isEqualTo(1);
  }

  @Test
  void theSendersAddressAndNameAreHeaders() throws IOException {
    message =
        new SyslogMessageOptions(
            List.of("none"), Optional.of("ip"), Optional.of("name"), Optional.empty());
    start();
    send(connect(), message(1) + "\n");
    awaitBodies(1);
    assertThat(output.events().get(0).headers())
        .containsEntry("ip", "127.0.0.1")
        .containsEntry("name", InetAddress.getByAddress(new byte[] {127, 0, 0, 1}).getHostName());
  }

  @Test
  void behindALoadBalancerTheClientIsTheOneThatTheHeaderNames() throws IOException {
    proxy =
        new ProxyProtocolOptions(
            ProxyProtocol.REQUIRED, List.of(), Duration.ofSeconds(10), Optional.of("client"));
    message =
        new SyslogMessageOptions(
            List.of("none"), Optional.of("ip"), Optional.empty(), Optional.empty());
    start();
    send(connect(), "PROXY TCP4 192.0.2.7 127.0.0.1 4711 514\r\n" + message(1) + "\n");
    awaitBodies(1);
    assertThat(output.events().get(0).headers())
        .containsEntry("ip", "192.0.2.7")
        .containsEntry("client", "192.0.2.7");
  }

  @Test
  void aSilentConnectionGivesItsPlaceToANewOne() throws IOException {
    maxConnections = 2;
    start();
    Socket first = connect();
    connect();
    await().until(() -> context.metrics().value("OpenConnectionCount") == 2);
    Socket refused = connect();
    assertThat(refused.getInputStream().read()).isEqualTo(-1);
    now.addAndGet(Connections.SILENCE.toNanos() + 1);
    Socket admitted = connect();
    send(admitted, message(1) + "\n");
    awaitBodies(1);
    await().until(() -> context.metrics().value("ConnectionsEvicted") == 1);
    assertThat(first.isClosed()).isFalse();
  }

  @Test
  void anIdleConnectionIsEnded() throws IOException {
    idleTimeout = Duration.ofMillis(50);
    start();
    Socket socket = connect();
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    assertThat(context.metrics().value("ConnectionsClosedIdle")).isEqualTo(1);
  }

  @Test
  void aPortInUseIsATransientFailureWhichNamesIt() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ports = List.of(new SyslogListening.Port(used.getLocalPort(), UTF_8, Map.of()));
      assertThatThrownBy(this::start)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining(":" + used.getLocalPort());
    }
  }

  @Test
  void aPortInUseKeepsTheOthersFromNothing() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      ports =
          List.of(
              new SyslogListening.Port(used.getLocalPort(), UTF_8, Map.of()),
              new SyslogListening.Port(0, UTF_8, Map.of("port", "0")));
      start();
      assertThat(source.ports()).hasSize(1);
      send(connect(), message(1) + "\n");
      awaitBodies(1);
      assertThat(output.events().get(0).headers()).containsEntry("port", "0");
    }
  }

  @Test
  void overTlsMessagesArriveAndAStopReadsWhatWasSent(@TempDir Path directory) throws Exception {
    Path store = KeyStores.of(directory.resolve("server.p12"), "localhost");
    tls =
        new ServerTlsOptions(
            true,
            Optional.of(store),
            Optional.of(KeyStores.PASSWORD),
            Optional.of("PKCS12"),
            TlsSelectionOptions.defaults());
    start();
    Socket socket = trusting(store).createSocket("localhost", source.ports().get(0));
    sockets.add(socket);
    for (int i = 0; i < 5000; i++) {
      send(socket, message(i) + "\n");
    }
    source.stop();
    assertThat(output.bodies()).hasSize(5000);
  }

  private static SSLSocketFactory trusting(Path store) throws Exception {
    KeyStore trusted = KeyStore.getInstance(store.toFile(), KeyStores.PASSWORD.toCharArray());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tlsContext = SSLContext.getInstance("TLS");
    tlsContext.init(null, trust.getTrustManagers(), null);
    return tlsContext.getSocketFactory();
  }

  @Test
  void textToATlsPortCostsOneConnection(@TempDir Path directory) throws Exception {
    overTlsMessagesArriveAndAStopReadsWhatWasSent(directory);
    start();
    Socket plain = connect();
    send(plain, message(1) + "\n");
    assertThat(plain.getInputStream().readAllBytes()).hasSizeLessThan(100);
    await().until(() -> context.metrics().value("EventReadFail") == 1);
  }

  @Test
  void garbageNeverEndsTheSource() throws IOException {
    start();
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      Socket socket = connect();
      byte[] garbage = new byte[random.nextInt(20_000)];
      random.nextBytes(garbage);
      socket.getOutputStream().write(garbage);
      socket.close();
    }
    send(connect(), message(1) + "\n");
    await().until(() -> output.bodies().contains("m1"));
  }
}
