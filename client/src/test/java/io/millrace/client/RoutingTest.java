/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static io.millrace.client.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One client and several servers. */
class RoutingTest {
  private final ToyServer first = ToyServer.started();
  private final ToyServer second = ToyServer.started();
  private final ToyServer third = ToyServer.started();

  @AfterEach
  void stopServers() {
    List.of(first, second, third).forEach(ToyServer::close);
  }

  private ClientBuilder all(Routing routing) {
    return EventClient.builder()
        .server(first.address())
        .server(second.address())
        .server(third.address())
        .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
        .routing(routing);
  }

  @Test
  void failoverTakesTheServersInTheirOrderAndStaysWithTheOneThatWorks() throws Exception {
    try (EventClient client = all(Routing.FAILOVER).build()) {
      client.append(Event.ofText("1"));
      first.kill();
      client.append(Event.ofText("2"));
      first.start();
      client.append(Event.ofText("3"));
      second.kill();
      client.append(Event.ofText("4"));
      second.start();
      third.kill();
      client.append(Event.ofText("5"));
    }
    assertThat(first.bodies()).containsExactly("1", "5");
    assertThat(second.bodies()).containsExactly("2", "3");
    assertThat(third.bodies()).containsExactly("4");
  }

  @Test
  void failoverSurvivesThatAllServersAreAwayForAWhile() throws Exception {
    try (EventClient client = all(Routing.FAILOVER).build()) {
      client.append(Event.ofText("1"));
      List.of(first, second, third).forEach(ToyServer::kill);
      var sent = client.send(Event.ofText("2"));
      await()
          .until(() -> client.statistics().servers().stream().allMatch(one -> one.failures() > 1));
      third.start();
      assertThat(sent).succeedsWithin(Duration.ofSeconds(60));
      assertThat(third.bodies()).containsExactly("2");
    }
  }

  @Test
  void roundRobinGivesEachServerTheSame() throws Exception {
    try (EventClient client = all(Routing.ROUND_ROBIN).build()) {
      for (int i = 0; i < 300; i++) {
        client.append(Event.ofText("" + i));
      }
      assertThat(client.statistics().servers())
          .extracting(ServerStatistics::acknowledgedEvents)
          .containsExactly(100L, 100L, 100L);
    }
    assertThat(first.bodies()).hasSize(100).startsWith("0", "3", "6");
  }

  // 600 calls over 3 servers: 200 each, with a standard deviation of 11.5; bounds at 7 of these.
  @Test
  void randomGivesEachServerAboutTheSameAndInNoOrder() throws Exception {
    try (EventClient client = all(Routing.RANDOM).build()) {
      for (int i = 0; i < 600; i++) {
        client.append(Event.ofText("" + i));
      }
      assertThat(client.statistics().servers())
          .extracting(ServerStatistics::acknowledgedEvents)
          .allMatch(events -> events > 120 && events < 280);
    }
    Map<Integer, Integer> gaps = new TreeMap<>();
    List<String> bodies = first.bodies();
    for (int i = 1; i < bodies.size(); i++) {
      gaps.merge(
          Integer.parseInt(bodies.get(i)) - Integer.parseInt(bodies.get(i - 1)), 1, Integer::sum);
    }
    assertThat(gaps.size()).as("different gaps: %s", gaps).isGreaterThan(3);
  }

  @Test
  void theOthersTakeTheShareOfADeadServerAndNoEventFails() throws Exception {
    try (EventClient client = all(Routing.ROUND_ROBIN).build()) {
      second.kill();
      for (int i = 0; i < 200; i++) {
        client.append(Event.ofText("" + i));
      }
      assertThat(client.statistics().failed()).isZero();
      assertThat(first.received().size() + third.received().size()).isEqualTo(200);
      // Each takes half, and the third besides what was tried in vain when the second's time came.
      assertThat(first.received().size()).isBetween(40, 160);
      second.start();
      await()
          .untilAsserted(
              () -> {
                client.append(Event.ofText("more"));
                assertThat(second.bodies()).contains("more");
              });
    }
  }

  // A hanging server ties up its own calls only: the other gets everything meanwhile.
  @Test
  void aHangingServerDoesNotHoldUpTheOther() throws Exception {
    try (ServerSocket hanging = ToyServer.listenOn(0);
        EventClient client =
            EventClient.builder()
                .server("127.0.0.1", hanging.getLocalPort())
                .server(first.address())
                .routing(Routing.ROUND_ROBIN)
                .maxInFlight(1)
                .batchEvents(1)
                .build()) {
      for (int i = 0; i < 100; i++) {
        client.send(Event.ofText("" + i));
      }
      await().until(() -> first.received().size() == 99);
      assertThat(client.statistics().buffered()).isOne();
      client.close(Duration.ZERO);
    }
  }

  @Test
  void aServerThatKeepsFailingIsTriedEverLessOften() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    try (ServerSocket closing = ToyServer.listenOn(0)) {
      Thread acceptor =
          new Thread(
              () -> {
                try {
                  while (true) {
                    try (Socket accepted = closing.accept()) {
                      tries.incrementAndGet();
                    }
                  }
                } catch (java.io.IOException e) {
                  // The end of the test.
                }
              });
      acceptor.setDaemon(true);
      acceptor.start();
      try (EventClient client =
          EventClient.builder()
              .server("127.0.0.1", closing.getLocalPort())
              .backoff(Duration.ofMillis(100), Duration.ofMinutes(1))
              .deliveryTimeout(Duration.ofSeconds(2))
              .build()) {
        assertThat(client.send(Event.ofText("a"))).failsWithin(Duration.ofSeconds(60));
      }
    }
    // Pauses of at least 50, 100, 200, 400, 800, 1600 ms: a seventh try would come after 1.5 s at
    // the earliest, an eighth after the two seconds; without back-off there would be thousands. A
    // machine that stands still makes fewer.
    assertThat(tries.get()).isBetween(1, 7);
  }
}
