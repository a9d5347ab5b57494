/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Senders that number their lines feed an agent, which feeds a collector through a proxy, which
 * feeds a server that counts. Agent and collector are killed at random moments, a quarter of them
 * while they start; connections between them are cut all the time, some with calls that arrive
 * after they were sent again.
 */
final class ExactlyOnceHopTest {
  private static final int SENDERS = 3;
  private static final int LONGEST_LIFE_MILLIS = 2_500;
  private static final int START_MILLIS = 1_200;
  private static final int LONGEST_CONNECTION_MILLIS = 300;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  private final Ledger ledger = new Ledger();

  // Promise 8: between Millrace hops no duplicates, after crashes and cut connections too. And 1:
  // nothing acknowledged is lost.
  @Test
  void everyLineIsStoredOnceThroughKillsAndCutConnections() throws Exception {
    int kills = Integer.getInteger("system.tests.hop.kills", 20);
    Random random = scene.random();
    int agentPort = Ports.free();
    int collectorPort = Ports.free();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (CountingServer server = CountingServer.open();
        CuttingProxy proxy = CuttingProxy.open(collectorPort, new Random(random.nextLong()))) {
      AgentProcess agent =
          scene.millrace("agent", Confs.relay(agentPort, scene.directory("agent"), proxy.port()));
      AgentProcess collector =
          scene.millrace(
              "collector", Confs.relay(collectorPort, scene.directory("collector"), server.port()));
      agent.startAndAwait();
      collector.startAndAwait();
      List<OriginSender> senders = new ArrayList<>();
      List<Future<?>> sending = new ArrayList<>();
      for (int i = 1; i <= SENDERS; i++) {
        OriginSender sender =
            new OriginSender(agentPort, "stream-" + i, ledger, new Random(random.nextLong()));
        senders.add(sender);
        sending.add(threads.submit(sender));
      }

      Random killing = new Random(random.nextLong());
      Future<Integer> killed =
          threads.submit(() -> kill(List.of(agent, collector), kills, killing));
      do {
        proxy.cut();
      } while (!isDoneWithin(1 + random.nextInt(LONGEST_CONNECTION_MILLIS), killed));
      int duringStart = killed.get();
      agent.awaitStarted();
      collector.awaitStarted();
      senders.forEach(OriginSender::stop);
      for (Future<?> one : sending) {
        one.get(60, TimeUnit.SECONDS);
      }
      awaitAllCounted(server);
      long duplicates = collector.metric("CHANNEL.disk", "EventDuplicateCount");
      assertThat(agent.metric("CHANNEL.disk", "SenderContestedCount")).isZero();
      assertThat(collector.metric("CHANNEL.disk", "SenderContestedCount")).isZero();
      agent.stop();
      collector.stop();

      Audit audit = Audit.of(ledger, server.stored());
      Scene.say(
          "kills: %d (%d during a start), cut connections: %d, calls of senders made again: %d,"
                  .formatted(
                      kills,
                      duringStart,
                      proxy.cuts(),
                      senders.stream().mapToInt(OriginSender::retries).sum())
              + " dropped by the last collector: %d, sent again by collectors: %d; %s"
                  .formatted(duplicates, server.repeats(), audit.summary()));
      assertThat(server.troubles()).isEmpty();
      audit.assertExactlyOnce();
    } finally {
      threads.shutdownNow();
    }
  }

  private static boolean isDoneWithin(int millis, Future<?> work) throws Exception {
    try {
      work.get(millis, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }

  private void awaitAllCounted(CountingServer server) {
    try {
      Conditions.await(
          "every line is counted",
          DRAIN_LIMIT,
          () -> server.distinctLineCount() >= ledger.lineCount());
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "Not every line is counted after "
              + DRAIN_LIMIT
              + ": "
              + Audit.of(ledger, server.stored()),
          e);
    }
  }

  /** Kills one or the other, and starts it again; how many of the kills came during a start. */
  private static int kill(List<AgentProcess> agents, int kills, Random random) {
    int duringStart = 0;
    for (int i = 0; i < kills; i++) {
      boolean isEarly = random.nextInt(4) == 0;
      if (!isEarly) {
        agents.forEach(AgentProcess::awaitStarted);
      }
      AgentProcess victim = agents.get(random.nextInt(agents.size()));
      int life = 1 + random.nextInt(isEarly ? START_MILLIS : LONGEST_LIFE_MILLIS);
      assertThat(victim.process().awaitExit(Duration.ofMillis(life)))
          .as("exit status of %s, which nobody had killed yet", victim.name())
          .isEmpty();
      duringStart += victim.isStarted() ? 0 : 1;
      victim.kill();
      victim.start();
    }
    return duringStart;
  }
}
