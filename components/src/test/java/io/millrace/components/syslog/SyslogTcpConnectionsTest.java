/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static io.millrace.components.syslog.SyslogTcpFixture.await;
import static io.millrace.components.syslog.SyslogTcpFixture.message;
import static io.millrace.components.syslog.SyslogTcpFixture.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.TransientException;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.KeyStores;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How connections come and go, and what they are. */
@Timeout(300)
class SyslogTcpConnectionsTest {
  @RegisterExtension final SyslogTcpFixture fixture = new SyslogTcpFixture();

  @Test
  void theConnectionIsClosedWhenTheClientHasEnded() throws IOException {
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n");
    socket.shutdownOutput();
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    fixture.awaitBodies(1);
  }

  @Test
  void aStopAnnouncesTheEndAndReadsWhatWasSent() throws Exception {
    fixture.start();
    Socket socket = fixture.connect();
    AtomicLong sent = new AtomicLong();
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
    fixture.awaitBodies(20);
    fixture.source().stop();
    sender.join();
    assertThat(fixture.output().bodies()).hasSize((int) sent.get());
  }

  @Test
  void aStopWithAFullChannelEndsInTimeAndCountsWhatIsLost() throws Exception {
    fixture.output().hold();
    fixture.start();
    Socket socket = fixture.connect();
    send(socket, message(1) + "\n" + message(2) + "\n");
    await().until(() -> !fixture.output().pending().isEmpty());
    long before = System.nanoTime();
    fixture.source().stop();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    assertThat(fixture.context().metrics().value("LinesLost")).isEqualTo(2);
  }

  @Test
  void theSendersAddressAndNameAreHeaders() throws IOException {
    fixture.message =
        new SyslogMessageOptions(
            List.of("none"), Optional.of("ip"), Optional.of("name"), Optional.empty());
    fixture.start();
    send(fixture.connect(), message(1) + "\n");
    fixture.awaitBodies(1);
    assertThat(fixture.output().events().get(0).headers())
        .containsEntry("ip", "127.0.0.1")
        .containsEntry("name", InetAddress.getByAddress(new byte[] {127, 0, 0, 1}).getHostName());
  }

  @Test
  void behindALoadBalancerTheClientIsTheOneThatTheHeaderNames() throws IOException {
    fixture.proxy =
        new ProxyProtocolOptions(
            ProxyProtocol.REQUIRED, List.of(), Duration.ofSeconds(10), Optional.of("client"));
    fixture.message =
        new SyslogMessageOptions(
            List.of("none"), Optional.of("ip"), Optional.empty(), Optional.empty());
    fixture.start();
    send(fixture.connect(), "PROXY TCP4 192.0.2.7 127.0.0.1 4711 514\r\n" + message(1) + "\n");
    fixture.awaitBodies(1);
    assertThat(fixture.output().events().get(0).headers())
        .containsEntry("ip", "192.0.2.7")
        .containsEntry("client", "192.0.2.7");
  }

  @Test
  void aSilentConnectionGivesItsPlaceToANewOne() throws IOException {
    fixture.maxConnections = 2;
    fixture.start();
    Socket first = fixture.connect();
    fixture.connect();
    await().until(() -> fixture.context().metrics().value("OpenConnectionCount") == 2);
    Socket refused = fixture.connect();
    assertThat(refused.getInputStream().read()).isEqualTo(-1);
    fixture.now().addAndGet(Connections.SILENCE.toNanos() + 1);
    Socket admitted = fixture.connect();
    send(admitted, message(1) + "\n");
    fixture.awaitBodies(1);
    await().until(() -> fixture.context().metrics().value("ConnectionsEvicted") == 1);
    assertThat(first.isClosed()).isFalse();
  }

  @Test
  void anIdleConnectionIsEnded() throws IOException {
    fixture.idleTimeout = Duration.ofMillis(50);
    fixture.start();
    Socket socket = fixture.connect();
    assertThat(socket.getInputStream().read()).isEqualTo(-1);
    assertThat(fixture.context().metrics().value("ConnectionsClosedIdle")).isEqualTo(1);
  }

  @Test
  void aPortInUseIsATransientFailureWhichNamesIt() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fixture.ports = List.of(new SyslogListening.Port(used.getLocalPort(), UTF_8, Map.of()));
      assertThatThrownBy(fixture::start)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining(":" + used.getLocalPort());
    }
  }

  @Test
  void aPortInUseKeepsTheOthersFromNothing() throws IOException {
    try (ServerSocket used = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      fixture.ports =
          List.of(
              new SyslogListening.Port(used.getLocalPort(), UTF_8, Map.of()),
              new SyslogListening.Port(0, UTF_8, Map.of("port", "0")));
      fixture.start();
      assertThat(fixture.source().ports()).hasSize(1);
      send(fixture.connect(), message(1) + "\n");
      fixture.awaitBodies(1);
      assertThat(fixture.output().events().get(0).headers()).containsEntry("port", "0");
    }
  }

  @Test
  void overTlsMessagesArriveAndAStopReadsWhatWasSent(@TempDir Path directory) throws Exception {
    Path store = KeyStores.of(directory.resolve("server.p12"), "localhost");
    fixture.tls =
        new ServerTlsOptions(
            true,
            Optional.of(store),
            Optional.of(KeyStores.PASSWORD),
            Optional.of("PKCS12"),
            TlsSelectionOptions.defaults());
    fixture.start();
    Socket socket = trusting(store).createSocket("localhost", fixture.source().ports().get(0));
    fixture.keep(socket);
    for (int i = 0; i < 5000; i++) {
      send(socket, message(i) + "\n");
    }
    fixture.source().stop();
    assertThat(fixture.output().bodies()).hasSize(5000);
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
    fixture.start();
    Socket plain = fixture.connect();
    send(plain, message(1) + "\n");
    assertThat(plain.getInputStream().readAllBytes()).hasSizeLessThan(100);
    await().until(() -> fixture.context().metrics().value("EventReadFail") == 1);
  }

  @Test
  void garbageNeverEndsTheSource() throws IOException {
    fixture.start();
    Random random = new Random(1);
    for (int i = 0; i < 50; i++) {
      Socket socket = fixture.connect();
      byte[] garbage = new byte[random.nextInt(20_000)];
      random.nextBytes(garbage);
      socket.getOutputStream().write(garbage);
      socket.close();
    }
    send(fixture.connect(), message(1) + "\n");
    await().until(() -> fixture.output().bodies().contains("m1"));
  }
}
