/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.RawPeer.FIRST;
import static io.millrace.rpc.transport.RawPeer.assertAnswered;
import static io.millrace.rpc.transport.RawPeer.connect;
import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many connections a server has, and how long it waits for each. */
@Timeout(300)
class ConnectionBoundsTest {
  @Test
  void aFrameThatDoesNotGetOnIsClosed() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l -> l.times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMillis(100))));
        Socket slow = connect(server)) {
      slow.getOutputStream().write(FIRST, 0, 30);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isOne();
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
    }
  }

  @Test
  void aFrameThatTakesTooLongIsClosedAtAnyRate() throws Exception {
    try (TestServer server =
            new TestServer(
                OK, limits(l -> l.deadlines(Duration.ofMillis(200), Duration.ofMinutes(1))));
        Socket slow = connect(server)) {
      slow.getOutputStream().write(FIRST, 0, 30);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isOne();
    }
  }

  @Test
  void aConnectionThatNeverAsksIsClosed() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l -> l.times(Duration.ofMillis(100), Duration.ZERO, Duration.ofMinutes(1))));
        Socket silent = connect(server)) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedHandshakeTimeout")).isOne();
    }
  }

  @Test
  void anIdleConnectionIsClosedOnlyIfAskedFor() throws Exception {
    try (TestServer server =
        new TestServer(
            OK,
            limits(
                l ->
                    l.times(
                        Duration.ofMinutes(1), Duration.ofMillis(100), Duration.ofMinutes(1))))) {
      // Where the machine pauses before the request, that was idleness too: another connection.
      await()
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> isAnsweredAndThenClosed(server));
      assertThat(server.metrics.value("ConnectionsClosedIdle")).isPositive();
    }
  }

  private static boolean isAnsweredAndThenClosed(TestServer server) throws IOException {
    try (Socket idle = connect(server)) {
      assertAnswered(idle);
      return idle.getInputStream().read() == -1;
    }
  }

  @Test
  void connectionsAboveTheLimitsAreRefusedAndTheOthersServed() throws Exception {
    try (TestServer server = new TestServer(OK, limits(l -> l.connections(3, 2)));
        Socket first = connect(server);
        Socket second = connect(server)) {
      assertAnswered(first);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 2);
      try (Socket third = connect(server)) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(server.metrics.value("ConnectionsRefusedPeerLimit")).isOne();
      assertAnswered(second);
    }
    try (TestServer server = new TestServer(OK, limits(l -> l.connections(1, 1)))) {
      try (Socket first = connect(server)) {
        assertAnswered(first);
        try (Socket second = connect(server)) {
          assertThat(second.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.metrics.value("ConnectionsRefusedLimit")).isOne();
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
      try (Socket third = connect(server)) {
        assertAnswered(third);
      }
    }
  }

  @Test
  void hundredsOfIdleConnectionsTakeNoThreadsAndNoService() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try (TestServer server = new TestServer(OK)) {
      int threads = Thread.activeCount();
      for (int i = 0; i < 500; i++) {
        Socket socket = connect(server);
        idle.add(socket);
        socket.getOutputStream().write(FIRST, 0, i % 20);
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 500);
      assertThat(Thread.activeCount()).isLessThan(threads + 10);
      try (Socket working = connect(server)) {
        assertAnswered(working);
      }
      for (Socket socket : idle) {
        socket.close();
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
    }
  }
}
