/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who gets the next call, by a clock of the test's own. Server number n listens on port n. */
class ServersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long SEED = 20261122;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final List<Server> all =
      IntStream.rangeClosed(1, 3)
          .mapToObj(
              port ->
                  new Server(
                      new ServerAddress("h", port),
                      address -> {
                        throw new IllegalStateException("nobody connects here");
                      },
                      2,
                      new Backoff(Duration.ofSeconds(8), Duration.ofSeconds(32)),
                      random))
          .toList();

  private List<Integer> picks(Servers servers, int count, long now) {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ports.add(servers.pick(now).map(server -> server.address().port()).orElse(0));
    }
    return ports;
  }

  private Server server(int port) {
    return all.get(port - 1);
  }

  @Test
  void failoverGoesDownTheListAsServersFailAndRoundAtItsEnd() {
    Servers servers = new Servers(all, Routing.FAILOVER, random);
    assertThat(picks(servers, 3, 0)).containsExactly(1, 1, 1);
    server(1).failed(0, 0);
    assertThat(picks(servers, 2, 0)).containsExactly(2, 2);
    assertThat(picks(servers, 2, 60 * SECOND)).as("1 is back").containsExactly(2, 2);
    server(2).failed(60 * SECOND, 60 * SECOND);
    server(3).failed(60 * SECOND, 60 * SECOND);
    assertThat(picks(servers, 2, 60 * SECOND)).containsExactly(1, 1);
  }

  @Test
  void failoverWaitsForABusyServerRatherThanLeaveIt() {
    Servers servers = new Servers(all, Routing.FAILOVER, random);
    server(1).begun();
    assertThat(picks(servers, 1, 0)).containsExactly(1);
    server(1).begun();
    assertThat(picks(servers, 1, 0)).containsExactly(0);
    server(1).ended();
    assertThat(picks(servers, 1, 0)).containsExactly(1);
  }

  @Test
  void roundRobinPassesOverThoseLeftOutOrBusy() {
    Servers servers = new Servers(all, Routing.ROUND_ROBIN, random);
    assertThat(picks(servers, 4, 0)).containsExactly(1, 2, 3, 1);
    server(2).failed(0, 0);
    assertThat(picks(servers, 4, 0)).containsExactly(3, 1, 3, 1);
    server(3).begun();
    server(3).begun();
    assertThat(picks(servers, 2, 0)).containsExactly(1, 1);
    assertThat(picks(servers, 2, 60 * SECOND)).containsExactly(2, 1);
  }

  @Test
  void randomGivesEachOfTheOthersTheSame() {
    Servers servers = new Servers(all, Routing.RANDOM, random);
    server(1).failed(0, 0);
    Map<Integer, Integer> counts = new TreeMap<>();
    picks(servers, 1000, 0).forEach(port -> counts.merge(port, 1, Integer::sum));
    assertThat(counts).as("seed %d", SEED).containsOnlyKeys(2, 3);
    assertThat(counts.get(2)).isBetween(400, 600);
  }

  @Test
  void afterThePauseOneCallGoesToSeeAndASuccessEndsTheMatter() {
    Server server = server(1);
    server.failed(0, 0);
    assertThat(server.leftOutNanos(0)).isBetween(4 * SECOND, 8 * SECOND);
    assertThat(server.leftOutNanos(8 * SECOND)).isZero();
    assertThat(server.isBusy()).isFalse();
    server.begun();
    assertThat(server.isBusy()).isTrue();
    server.ended();
    server.succeeded(1);
    server.begun();
    assertThat(server.isBusy()).isFalse();
    assertThat(server.leftOutNanos(8 * SECOND)).isZero();
  }

  @Test
  void pausesGrowWithFailuresInARowAndCallsThatFailTogetherCountOnce() {
    Server server = server(1);
    assertThat(server.failed(0, SECOND)).isTrue();
    assertThat(server.failed(0, 2 * SECOND)).as("begun before the failure").isFalse();
    assertThat(server.leftOutNanos(SECOND)).isBetween(4 * SECOND, 8 * SECOND);
    assertThat(server.failed(10 * SECOND, 10 * SECOND)).isTrue();
    assertThat(server.leftOutNanos(10 * SECOND)).isBetween(8 * SECOND, 16 * SECOND);
    server.failed(30 * SECOND, 30 * SECOND);
    server.failed(70 * SECOND, 70 * SECOND);
    server.failed(110 * SECOND, 110 * SECOND);
    assertThat(server.leftOutNanos(110 * SECOND)).isBetween(16 * SECOND, 32 * SECOND);
    assertThat(server.statistics().failures()).isEqualTo(5);
  }

  @Test
  void theNextServerToComeBackIsTheOneToWaitFor() {
    Servers servers = new Servers(all, Routing.ROUND_ROBIN, random);
    assertThat(servers.backInNanos(0)).isEqualTo(Outbox.NEVER);
    server(1).failed(0, 0);
    server(2).failed(0, 3 * SECOND);
    assertThat(servers.backInNanos(0)).isEqualTo(server(1).leftOutNanos(0));
    assertThat(servers.backInNanos(60 * SECOND)).isEqualTo(Outbox.NEVER);
  }
}
