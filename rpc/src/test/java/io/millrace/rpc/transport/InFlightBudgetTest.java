/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Half-received requests and the budget that all connections share. */
@Timeout(300)
class InFlightBudgetTest {
  @Test
  void theTurnPassesOnWhenTheRequestOfWhoeverHasItIsRefused() {
    InFlightBudget budget = new InFlightBudget(1000);
    AtomicInteger firstResumed = new AtomicInteger();
    InFlightBudget.Reader first = firstResumed::incrementAndGet;
    InFlightBudget.Reader second = () -> {};
    budget.adjust(900);
    assertThat(budget.mayRead(first, true)).isTrue();
    budget.adjust(600);
    assertThat(budget.mayRead(second, true)).as("its turn").isTrue();
    assertThat(budget.mayRead(first, true)).isFalse();
    budget.frameEnded(second);
    budget.adjust(-600);
    assertThat(firstResumed).hasValue(1);
    assertThat(budget.pausedReaders()).isZero();
  }

  @Test
  void theTurnPassesOnWhenWhoeverHasItIsInTheMiddleOfNothing() {
    InFlightBudget budget = new InFlightBudget(1000);
    AtomicInteger firstResumed = new AtomicInteger();
    InFlightBudget.Reader first = firstResumed::incrementAndGet;
    InFlightBudget.Reader second = () -> {};
    budget.adjust(1200);
    assertThat(budget.mayRead(second, true)).isTrue();
    assertThat(budget.mayRead(first, true)).isFalse();
    assertThat(budget.mayRead(second, false)).isFalse();
    assertThat(firstResumed).hasValue(1);
  }

  /** Half-received by all, whole by none: none is closed, each gets its turn. */
  @Test
  void requestsThatTogetherFillTheBudgetAllBecomeWhole() {
    InFlightBudget budget = new InFlightBudget(4_000);
    ArrayDeque<InFlightBudget.Reader> resumed = new ArrayDeque<>();
    Map<InFlightBudget.Reader, Integer> received = new LinkedHashMap<>();
    List<InFlightBudget.Reader> readers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      InFlightBudget.Reader[] self = new InFlightBudget.Reader[1];
      self[0] = () -> resumed.add(self[0]);
      readers.add(self[0]);
      received.put(self[0], 1_200);
      budget.adjust(1_200);
      if (budget.mayRead(self[0], true)) {
        resumed.add(self[0]);
      }
    }
    int whole = 0;
    while (!resumed.isEmpty()) {
      InFlightBudget.Reader reader = resumed.poll();
      if (received.get(reader) >= 2_000 || !budget.mayRead(reader, true)) {
        continue;
      }
      int bytes = received.merge(reader, 200, Integer::sum);
      budget.adjust(200);
      assertThat(budget.usedBytes()).isLessThanOrEqualTo(8 * 1_200 + 3 * 2_000);
      if (bytes < 2_000) {
        resumed.add(reader);
        continue;
      }
      whole++;
      budget.frameEnded(reader);
      budget.adjust(-2_000);
      budget.began(2_000);
      budget.mayRead(reader, false);
      budget.ended(2_000);
    }
    assertThat(whole).isEqualTo(readers.size());
    assertThat(budget.usedBytes()).isZero();
  }

  @Test
  void peersThatFillTheBudgetAndFallSilentHoldItForABoundedTime() throws Exception {
    int hoarders = 5;
    List<Socket> sockets = new ArrayList<>();
    try (TestServer server =
            new TestServer(
                TestServer.OK,
                TestServer.limits(
                    l ->
                        l.bytesInFlight(2_000_000)
                            .messageBytes(1 << 20)
                            .times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMillis(200))));
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection good = client.connect();
      append(good);
      for (int i = 0; i < hoarders; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        sockets.add(socket);
        TestServer.daemon("hoarder").newThread(() -> sendMostOfAFrame(socket)).start();
      }
      // On a slow machine they may be gone already when one looks.
      await()
          .until(
              () ->
                  server.metrics.value("RequestBytesInFlight") > 2_000_000
                      || server.metrics.value("ConnectionsClosedSlow") > 0);
      // The first is read before the budget is looked at; those behind it wait.
      for (int i = 0; i < 3; i++) {
        append(good);
      }
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isPositive();
      await().until(() -> server.metrics.value("ConnectionsClosedSlow") == hoarders);
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void aBudgetThatHalvesAloneFillHasToBeFreedOnceNothingGetsOn() {
    long turn = Duration.ofSeconds(1).toNanos();
    InFlightBudget budget = new InFlightBudget(1000);
    for (int i = 0; i < 4; i++) {
      InFlightBudget.Reader reader = () -> {};
      budget.adjust(300);
      budget.mayRead(reader, true);
    }
    assertThat(budget.mayRead(() -> {}, false)).isFalse();
    assertThat(budget.overdueBytes(0, turn)).as("first look").isZero();
    assertThat(budget.overdueBytes(turn - 1, turn)).isZero();
    budget.began(10);
    assertThat(budget.overdueBytes(turn, turn)).as("a request is in flight").isZero();
    budget.ended(10);
    assertThat(budget.overdueBytes(turn, turn)).as("one became complete").isZero();
    assertThat(budget.overdueBytes(2 * turn, turn)).isEqualTo(1200 - 750);
    assertThat(budget.overdueBytes(2 * turn, turn)).as("they get time to go").isZero();
    budget.adjust(-600);
    assertThat(budget.overdueBytes(9 * turn, turn)).isZero();
  }

  /** The rate is no help here: it would be looked at after a minute. */
  @Test
  void peersThatFillTheBudgetAreClosedOldestFirstWhenNothingGetsOn() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try (TestServer server =
            new TestServer(
                TestServer.OK,
                TestServer.limits(
                    l ->
                        l.bytesInFlight(2_000_000)
                            .messageBytes(1 << 20)
                            .times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMinutes(1))
                            .deadlines(Duration.ofMinutes(5), Duration.ofMillis(300))));
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection good = client.connect();
      append(good);
      for (int i = 0; i < 5; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        sockets.add(socket);
        TestServer.daemon("hoarder").newThread(() -> sendMostOfAFrame(socket)).start();
      }
      // On a slow machine some may be gone already when one looks.
      await()
          .until(
              () ->
                  server.metrics.value("RequestBytesInFlight") > 2_000_000
                      || server.metrics.value("ConnectionsClosedBudget") > 0);
      for (int i = 0; i < 20; i++) {
        append(good);
      }
      assertThat(server.metrics.value("ConnectionsClosedBudget")).isPositive();
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void append(RpcConnection connection) throws Exception {
    assertThat(connection.appendBatch(EventBatch.EMPTY, Map.of()).get(60, TimeUnit.SECONDS))
        .isEqualTo(Answer.Status.OK);
  }

  private static void sendMostOfAFrame(Socket socket) {
    byte[] bytes = new byte[900_000];
    ByteBuffer.wrap(bytes).putInt(1).putInt(1).putInt(1_000_000);
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // The server has closed, as it should.
    }
  }
}
