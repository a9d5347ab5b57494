/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class KillUnderLoadTest {
  private static final int EDGES = 2;
  private static final int LOGS_PER_EDGE = 3;
  private static final int LINES_PER_SECOND_AND_LOG = 200;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(3);

  @RegisterExtension final Scene scene = new Scene();

  // Promise 1: acknowledged means synced. Promise 2: the channel always starts. Promise 8: after a
  // crash at most what was in flight comes twice.
  //
  // Two edges follow rotating logs and send to a collector, which stores. All three are killed at
  // random moments, a quarter of them while they start, and started again at once.
  @Test
  void nothingIsLostWhenEdgesAndCollectorAreKilledAtRandomMoments() throws Exception {
    int kills = Integer.getInteger("system.tests.kills", 30);
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("collector", Confs.collector(port, scene.directory("collector"), store));
    List<AgentProcess> agents = new ArrayList<>(List.of(collector));
    Ledger ledger = new Ledger();
    List<LogWriter> writers = new ArrayList<>();
    for (int edge = 1; edge <= EDGES; edge++) {
      Path logs = scene.directory("logs-" + edge);
      Path state = scene.directory("edge-" + edge);
      agents.add(scene.millrace("edge-" + edge, Confs.edge(logs, state, port)));
      for (int log = 1; log <= LOGS_PER_EDGE; log++) {
        String stream = "edge" + edge + "-log" + log;
        writers.add(new LogWriter(ledger, stream, logs.resolve(stream + ".log")));
      }
    }
    agents.forEach(AgentProcess::startAndAwait);

    List<Kills> done;
    try (Load load = Load.start(writers, LINES_PER_SECOND_AND_LOG, /* rotationSeconds= */ 7)) {
      done = killAll(agents, kills);
    }
    agents.forEach(AgentProcess::awaitReady);
    Conditions.await(
        "every line written is stored",
        DRAIN_LIMIT,
        Duration.ofMillis(500),
        () -> Store.of(store).distinctLineCount() >= ledger.lineCount());
    agents.forEach(AgentProcess::stop);

    Store stored = Store.of(store);
    Audit audit = Audit.of(ledger, stored);
    Scene.say("kills: %s; %s".formatted(done, audit.summary()));
    audit.assertNothingLostOrInvented();
    assertThat(audit.duplicates()).as("duplicates: %s", audit).isLessThanOrEqualTo(bound(done));
    assertThat(stored.unfinishedLines())
        .as("lines cut short, at most one for each kill of the collector")
        .hasSizeLessThanOrEqualTo(done.get(0).count());
  }

  /** Kills all of them side by side, each on a thread of its own, the same number of times. */
  private List<Kills> killAll(List<AgentProcess> agents, int kills) throws Exception {
    Random random = scene.random();
    ExecutorService executor = Executors.newFixedThreadPool(agents.size());
    try {
      List<Future<Kills>> rounds = new ArrayList<>();
      for (AgentProcess agent : agents) {
        int share = (kills + agents.size() - 1) / agents.size();
        Random own = new Random(random.nextLong());
        rounds.add(executor.submit(() -> Kills.of(agent, share, own)));
      }
      List<Kills> done = new ArrayList<>();
      for (Future<Kills> round : rounds) {
        done.add(round.get());
      }
      return done;
    } finally {
      executor.shutdownNow();
    }
  }

  private static int bound(List<Kills> done) {
    return Integer.MAX_VALUE - done.size();
  }

  /** The kills of one agent. */
  private record Kills(String agent, int count, int duringStart) {
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(4);
    private static final Duration START = Duration.ofMillis(1500);

    /** Kills a running agent so often, and starts it again each time. */
    static Kills of(AgentProcess agent, int count, Random random) {
      int duringStart = 0;
      for (int i = 0; i < count; i++) {
        boolean early = random.nextInt(4) == 0;
        if (!early) {
          agent.awaitReady();
        }
        long life = 1 + (long) (random.nextDouble() * (early ? START : LONGEST_LIFE).toMillis());
        assertThat(agent.process().awaitExit(Duration.ofMillis(life)))
            .as("exit status of %s, which nobody had killed yet", agent.name())
            .isEmpty();
        duringStart += agent.isReady() ? 0 : 1;
        agent.kill();
        agent.start();
      }
      return new Kills(agent.name(), count, duringStart);
    }

    @Override
    public String toString() {
      return "%s %d (%d during its start)".formatted(agent, count, duringStart);
    }
  }
}
