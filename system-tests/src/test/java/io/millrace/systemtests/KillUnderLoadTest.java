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
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two edges follow rotating logs and send to a collector, which stores. All three are killed at
 * random moments, a quarter of them while they start, and started again at once.
 */
final class KillUnderLoadTest {
  private static final int EDGES = 2;
  private static final int LOGS_PER_EDGE = 3;
  private static final int LINES_PER_SECOND_AND_LOG = 200;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(3);

  /** What an agent may have taken up between our look at its metrics and its end. */
  private static final int LINES_AFTER_THE_LOOK = 5 * Confs.BATCH;

  /** Calls that may have reached the collector when one of both ends dies before the answer. */
  private static final int LINES_IN_CALLS = Confs.CALLS_IN_FLIGHT * Confs.BATCH;

  @RegisterExtension final Scene scene = new Scene();

  private final Ledger ledger = new Ledger();
  private final List<LogWriter> writers = new ArrayList<>();

  // Promise 1: acknowledged means synced. Promise 2: the channel always starts. Promise 6: durable
  // to the end. Promise 8: after a crash at most what was in flight comes twice.
  @Test
  void nothingIsLostWhenEdgesAndCollectorAreKilledAtRandomMoments() throws Exception {
    int kills = Integer.getInteger("system.tests.kills", 30);
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("collector", Confs.collector(port, scene.directory("collector"), store));
    List<Victim> victims = new ArrayList<>();
    victims.add(new Victim(collector, () -> inFlightAtCollector(collector)));
    for (int edge = 1; edge <= EDGES; edge++) {
      victims.add(edge("edge-" + edge, port));
    }
    victims.forEach(victim -> victim.agent().startAndAwait());

    List<Kills> done;
    try (Load load = Load.start(writers, LINES_PER_SECOND_AND_LOG, /* rotationSeconds= */ 7)) {
      done = killAll(victims, kills);
    }
    victims.forEach(victim -> victim.agent().awaitStarted());
    Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
    victims.forEach(victim -> victim.agent().stop());

    Store stored = Store.of(store);
    Audit audit = Audit.of(ledger, stored);
    long bound = done.stream().mapToLong(Kills::inFlight).sum();
    Scene.say("kills: %s; %s (at most %d)".formatted(done, audit.summary(), bound));
    audit.assertNothingLostOrInvented();
    assertThat((long) audit.duplicates()).as("duplicates: %s", audit).isLessThanOrEqualTo(bound);
    assertThat(stored.unfinishedLines())
        .as("lines cut short, at most one for each kill of the collector")
        .hasSizeLessThanOrEqualTo(done.get(0).count());
  }

  private Victim edge(String name, int collectorPort) {
    Path logs = scene.directory("logs-of-" + name);
    Path state = scene.directory(name);
    for (int log = 1; log <= LOGS_PER_EDGE; log++) {
      String stream = name + "-log-" + log;
      writers.add(new LogWriter(ledger, stream, logs.resolve(stream + ".log")));
    }
    AgentProcess agent = scene.millrace(name, Confs.edge(logs, state, collectorPort));
    return new Victim(agent, () -> inFlightAtEdge(agent, state.resolve("positions.json")));
  }

  /**
   * What was read and is not covered by the saved positions is read again: at most all that this
   * process has read, and at most what the logs hold beyond those positions.
   */
  private long inFlightAtEdge(AgentProcess edge, Path positions) {
    long read = edge.metricIfShown("SOURCE.tail", "EventAcceptedCount");
    long bytes = ledger.byteCount(edge.name()) - PositionFile.deliveredBytes(positions);
    long beyond = bytes / (Ledger.line(edge.name() + "-log-1", 1).length() + 1);
    return Math.min(read, beyond) + LINES_AFTER_THE_LOOK + LINES_IN_CALLS;
  }

  /** What was written to the store and not yet acknowledged to the channel is written again. */
  private static long inFlightAtCollector(AgentProcess collector) {
    long written =
        collector.metricIfShown("SINK.store", "EventDrainAttemptCount")
            - collector.metricIfShown("SINK.store", "EventDrainSuccessCount");
    return written + LINES_AFTER_THE_LOOK + EDGES * LINES_IN_CALLS;
  }

  /** Kills all of them side by side, each on a thread of its own, the same number of times. */
  private List<Kills> killAll(List<Victim> victims, int kills) throws Exception {
    Random random = scene.random();
    ExecutorService executor = Executors.newFixedThreadPool(victims.size());
    try {
      List<Future<Kills>> rounds = new ArrayList<>();
      for (Victim victim : victims) {
        int share = (kills + victims.size() - 1) / victims.size();
        Random own = new Random(random.nextLong());
        rounds.add(executor.submit(() -> Kills.of(victim, share, own)));
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

  /**
   * An agent to be killed.
   *
   * @param inFlight what may come twice if it is killed now
   */
  private record Victim(AgentProcess agent, LongSupplier inFlight) {}

  /** The kills of one agent, and how many lines may come twice because of them. */
  private record Kills(String agent, int count, int duringStart, long inFlight) {
    /** Where this process was held up between its look and the kill, the look is too old. */
    private static final long OLD_LOOK_MILLIS = 500;

    /** More than an agent carries on while it catches up. */
    private static final long LINES_PER_MILLI = 20;

    private static final Duration LONGEST_LIFE = Duration.ofSeconds(4);
    private static final Duration START = Duration.ofMillis(1500);

    /** Kills a running agent so often, and starts it again each time. */
    static Kills of(Victim victim, int count, Random random) {
      AgentProcess agent = victim.agent();
      int duringStart = 0;
      long inFlight = 0;
      for (int i = 0; i < count; i++) {
        boolean early = random.nextInt(4) == 0;
        if (!early) {
          agent.awaitStarted();
        }
        long life = 1 + (long) (random.nextDouble() * (early ? START : LONGEST_LIFE).toMillis());
        assertThat(agent.process().awaitExit(Duration.ofMillis(life)))
            .as("exit status of %s, which nobody had killed yet", agent.name())
            .isEmpty();
        duringStart += agent.isStarted() ? 0 : 1;
        long look = System.nanoTime();
        inFlight += victim.inFlight().getAsLong();
        agent.kill();
        long ageMillis = (System.nanoTime() - look) / 1_000_000;
        inFlight += ageMillis > OLD_LOOK_MILLIS ? ageMillis * LINES_PER_MILLI : 0;
        agent.start();
      }
      return new Kills(agent.name(), count, duringStart, inFlight);
    }

    @Override
    public String toString() {
      return "%s %d (%d during its start)".formatted(agent, count, duringStart);
    }
  }
}
