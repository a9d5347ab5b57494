/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.RawPeer.assertAnswered;
import static io.millrace.rpc.transport.RawPeer.connect;
import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.rpc.proxy.AddressRanges;
import io.millrace.rpc.proxy.ProxyHeaders;
import io.millrace.rpc.proxy.ProxyProtocol;
import io.millrace.rpc.proxy.ProxySettings;
import io.millrace.rpc.session.Peer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server whose clients come through load balancers. */
@Timeout(300)
class ProxiedServerTest {
  private static final ProxySettings REQUIRED = settings(ProxyProtocol.REQUIRED, "127.0.0.0/8");

  private final Queue<Peer> peers = new ConcurrentLinkedQueue<>();
  private final RequestHandler recording =
      request -> {
        peers.add(request.peer());
        return OK.handle(request);
      };

  private static ProxySettings settings(ProxyProtocol mode, String... from) {
    return new ProxySettings(mode, AddressRanges.parse(List.of(from)), Duration.ofMinutes(2));
  }

  private static UnaryOperator<ServerSettings> behind(ProxySettings proxy) {
    return settings -> settings.behind(proxy);
  }

  private static Socket connectAs(TestServer server, String client) throws IOException {
    Socket socket = connect(server);
    socket.getOutputStream().write(ProxyHeaders.v2(client, 4567));
    return socket;
  }

  @Test
  void requestsAreThoseOfTheClientThatTheHeaderNames() throws Exception {
    try (TestServer server = new TestServer(recording, behind(REQUIRED));
        Socket socket = connectAs(server, "10.1.2.3")) {
      assertAnswered(socket);
      assertThat(peers).containsExactly(new Peer("/10.1.2.3:4567", "10.1.2.3"));
    }
  }

  @Test
  void withoutHeadersARequestIsThatOfItsConnection() throws Exception {
    try (TestServer server = new TestServer(recording);
        Socket socket = connect(server)) {
      assertAnswered(socket);
      assertThat(peers)
          .containsExactly(new Peer("/127.0.0.1:" + socket.getLocalPort(), "127.0.0.1"));
    }
  }

  @Test
  void aHeaderIsGarbageWhereNoneIsLookedFor() throws Exception {
    try (TestServer server = new TestServer(recording);
        Socket socket = connectAs(server, "10.1.2.3")) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      assertThat(
              server.metrics.value("FramesRejectedMalformed")
                  + server.metrics.value("FramesRejectedTooLarge"))
          .isOne();
    }
  }

  @Test
  void whoSendsNoHeaderWhereOneIsRequiredIsClosedAndCounted() throws Exception {
    try (TestServer server = new TestServer(recording, behind(REQUIRED));
        Socket good = connectAs(server, "10.1.2.3")) {
      try (Socket bad = connect(server)) {
        bad.getOutputStream().write(RawPeer.FIRST);
        assertThat(bad.getInputStream().read()).isEqualTo(-1);
      }
      try (Socket bad = connect(server)) {
        bad.getOutputStream().write(ProxyHeaders.v1("PROXY nonsense"));
        assertThat(bad.getInputStream().read()).isEqualTo(-1);
      }
      await().until(() -> server.metrics.value("ProxyHeadersMissing") == 1);
      // The library closes first and says so then.
      await().until(() -> server.metrics.value("ProxyHeadersMalformed") == 1);
      assertAnswered(good);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 1);
    }
    assertThat(peers).hasSize(1);
  }

  @Test
  void silentAndSlowHeadersEndInTime() throws Exception {
    ProxySettings impatient =
        new ProxySettings(ProxyProtocol.REQUIRED, AddressRanges.NONE, Duration.ofMillis(200));
    try (TestServer server = new TestServer(recording, behind(impatient));
        Socket silent = connect(server);
        Socket slow = connect(server)) {
      slow.getOutputStream().write(ProxyHeaders.SIGNATURE);
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ProxyHeadersTimedOut")).isEqualTo(2);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
    }
  }

  @Test
  void whereTheProxiesAreNamedNobodyElseMayConnect() throws Exception {
    try (TestServer server =
            new TestServer(recording, behind(settings(ProxyProtocol.REQUIRED, "192.0.2.0/24")));
        Socket socket = connectAs(server, "10.1.2.3")) {
      assertThat(isEnded(socket)).isTrue();
      assertThat(server.metrics.value("ProxyPeersRefused")).isOne();
    }
  }

  @Test
  void whereHeadersAreOptionalThoseOfStrangersAreNotBelieved() throws Exception {
    try (TestServer server =
        new TestServer(recording, behind(settings(ProxyProtocol.OPTIONAL, "192.0.2.0/24")))) {
      try (Socket faking = connectAs(server, "10.1.2.3")) {
        assertThat(isEnded(faking)).isTrue();
      }
      try (Socket direct = connect(server)) {
        assertAnswered(direct);
      }
      assertThat(peers).extracting(Peer::host).containsExactly("127.0.0.1");
    }
  }

  @Test
  void whereHeadersAreOptionalBothKindsAreServed() throws Exception {
    try (TestServer server =
            new TestServer(recording, behind(settings(ProxyProtocol.OPTIONAL, "127.0.0.1")));
        Socket proxied = connectAs(server, "10.1.2.3");
        Socket direct = connect(server)) {
      assertAnswered(proxied);
      assertAnswered(direct);
      assertThat(peers).extracting(Peer::host).containsExactly("10.1.2.3", "127.0.0.1");
    }
  }

  @Test
  void theFilterDecidesOnTheClientAndNothingIsReadBefore() throws Exception {
    CountDownLatch decision = new CountDownLatch(1);
    PeerFilter filter =
        new PeerFilter() {
          @Override
          public boolean accepts(InetAddress peer) {
            try {
              decision.await(100, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return peer.getHostAddress().equals("10.1.2.3");
          }

          @Override
          public boolean mayBlock() {
            return true;
          }
        };
    try (TestServer server =
            new TestServer(
                recording,
                settings ->
                    new ServerSettings(
                        settings.address(),
                        settings.limits(),
                        Wrapping.NONE,
                        filter,
                        1,
                        REQUIRED));
        Socket wanted = connectAs(server, "10.1.2.3");
        Socket unwanted = connectAs(server, "10.1.2.4")) {
      wanted.getOutputStream().write(RawPeer.FIRST);
      unwanted.getOutputStream().write(RawPeer.FIRST);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 2);
      assertThat(peers).isEmpty();
      decision.countDown();
      assertThat(wanted.getInputStream().readNBytes(27)).hasSize(27);
      assertThat(isEnded(unwanted)).isTrue();
      assertThat(peers).extracting(Peer::host).containsExactly("10.1.2.3");
      assertThat(server.metrics.value("ConnectionsRefusedFilter")).isOne();
    }
  }

  @Test
  void connectionsAreCountedForTheClientAndNotForTheProxy() throws Exception {
    try (TestServer server =
        new TestServer(
            recording,
            settings -> limits(l -> l.connections(10, 2)).apply(settings.behind(REQUIRED)))) {
      List<Socket> open = new ArrayList<>();
      try {
        for (int i = 1; i <= 6; i++) {
          Socket socket = connectAs(server, "10.1.2." + (1 + i / 3));
          open.add(socket);
          if (i != 5) {
            assertAnswered(socket);
          }
        }
        assertThat(isEnded(open.get(4))).as("a third connection of 10.1.2.2").isTrue();
        assertThat(server.metrics.value("ConnectionsRefusedPeerLimit")).isOne();
        open.get(2).close();
        await().until(() -> server.metrics.value("OpenConnectionCount") == 4);
        try (Socket again = connectAs(server, "10.1.2.2")) {
          assertAnswered(again);
        }
      } finally {
        for (Socket socket : open) {
          socket.close();
        }
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
    }
  }

  @Test
  void aStopDoesNotWaitForHeaders() throws Exception {
    try (TestServer server = new TestServer(recording, behind(REQUIRED));
        Socket silent = connect(server)) {
      await().until(() -> server.metrics.value("OpenConnectionCount") == 1);
      long begin = System.nanoTime();
      server.server.stop(Duration.ofMinutes(2));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofMinutes(1));
      assertThat(isEnded(silent)).isTrue();
    }
  }

  @Test
  void hundredsThatSendNoHeaderTakeNoService() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try (TestServer server = new TestServer(recording, behind(REQUIRED))) {
      for (int i = 0; i < 300; i++) {
        silent.add(connect(server));
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 300);
      try (Socket good = connectAs(server, "10.1.2.3")) {
        assertAnswered(good);
      }
      assertThat(server.metrics.value("RequestBytesInFlight")).isZero();
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  /** At its end or reset, without a byte. */
  private static boolean isEnded(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() == -1;
    } catch (java.net.SocketException e) {
      return true;
    }
  }
}
