/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.KillTable.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every source under load, in an agent that is killed with SIGKILL and started again: what it had
 * taken over is stored in the end. {@code -Dmillrace.reliability.update=true} writes the table of a
 * run to docs/reliability.md, {@code -Dsystem.tests.source.kills=N} kills each of them more often.
 */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EverySourceKilledTest {
  private static final int KILLS = Integer.getInteger("system.tests.source.kills", 2);
  private static final int LINES_PER_CALL = 40;
  private static final int SINK_BATCH = 100;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** What the sink may have written and not acknowledged to its channel when it is killed. */
  private static final int TWICE_BY_THE_SINK = 5 * SINK_BATCH;

  @RegisterExtension final Scene scene = new Scene();

  private final KillTable table = new KillTable();

  static Stream<String> answeredAndUnanswered() {
    return KilledSources.all().stream().map(KilledSource::type);
  }

  @AfterAll
  void showTable() throws IOException {
    Scene.say("\n" + table.text());
    if (Boolean.getBoolean("millrace.reliability.update")) {
      table.writeTo(Installation.sources().resolve("docs/reliability.md"));
    }
  }

  // Promise 1: acknowledged means synced. Promise 8: after a crash at most what was in flight comes
  // twice.
  @ParameterizedTest
  @MethodSource("answeredAndUnanswered")
  void whatASourceHasTakenOverIsStoredThoughItsAgentIsKilled(String type) throws Exception {
    try (KilledSource source = named(type)) {
      Path store = scene.directory("store");
      AgentProcess agent = scene.millrace("agent", conf(source.options(scene.directory()), store));
      agent.startAndAwait();
      Sender sender = new Sender(source);
      killAgainAndAgain(agent, sender::killed);
      sender.end();
      Conditions.await(
          "everything taken over is stored",
          LIMIT,
          Duration.ofMillis(200),
          () -> Store.of(store).lines().keySet().containsAll(sender.owed()));
      agent.stop();
      Store stored = Store.of(store);
      Row row = sender.row(stored);
      table.add(row);
      Audit.of(sender.sent(), stored).assertNothingInvented();
      assertThat(row.stored()).as("stored: %s", row).isPositive();
      if (source.isAnswered()) {
        assertThat(row.acknowledged().orElseThrow()).as("taken over: %s", row).isPositive();
        assertThat(row.lost()).as("taken over and not stored: %s", row).hasValue(0);
        assertThat(row.missed()).as("sent until it was taken over: %s", row).hasValue(0);
      }
      assertThat(row.twice().orElseThrow())
          .as("twice: %s", row)
          .isLessThanOrEqualTo(sender.boundOfTwice());
    }
  }

  private static KilledSource named(String type) {
    return KilledSources.all().stream()
        .filter(source -> source.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  /** It counts from 0 in each life; within the last one nothing may be missing. */
  @Test
  void theSequenceHasNoGapThoughItsAgentIsKilled() throws Exception {
    int events = 30_000;
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace(
            "agent",
            conf(List.of("type = seq", "batchSize = 10", "totalEvents = " + events), store));
    agent.startAndAwait();
    killAgainAndAgain(agent, () -> {});
    Conditions.await(
        "all numbers are stored",
        LIMIT,
        Duration.ofMillis(200),
        () -> Store.of(store).distinctLineCount() >= events);
    agent.stop();
    Store stored = Store.of(store);
    // The numbers of each life are the same: what comes twice cannot be told from them.
    table.add(
        generated(
            "seq",
            "the numbers of its last life without a gap",
            events,
            stored.distinctLineCount(),
            OptionalInt.of(events - stored.distinctLineCount())));
    assertThat(stored.lines().keySet())
        .isEqualTo(new HashSet<>(IntStream.range(0, events).mapToObj(Integer::toString).toList()));
  }

  @Test
  void theEventsOfTheStressSourceComeThoughItsAgentIsKilled() throws Exception {
    int events = 3_000;
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace(
            "agent",
            conf(
                List.of(
                    "type = stress",
                    "size = 40",
                    "batchSize = 10",
                    "maxEventsPerSecond = 2000",
                    "maxTotalEvents = " + events),
                store));
    agent.startAndAwait();
    killAgainAndAgain(agent, () -> {});
    Conditions.await(
        "the events of the last life are stored",
        LIMIT,
        Duration.ofMillis(200),
        () -> Store.of(store).lineCount() >= events);
    agent.stop();
    Store stored = Store.of(store);
    // All its events are the same.
    table.add(
        generated(
            "stress",
            "as many events as its last life has made, at least",
            events,
            stored.lineCount(),
            OptionalInt.empty()));
    assertThat(stored.lines().keySet()).containsExactly("\u007f".repeat(40));
  }

  private static Row generated(
      String type, String promise, int events, int stored, OptionalInt missed) {
    return new Row(
        type,
        promise,
        KILLS,
        events,
        OptionalInt.empty(),
        stored,
        OptionalInt.empty(),
        missed,
        OptionalInt.empty());
  }

  private String conf(List<String> options, Path store) {
    StringBuilder source = new StringBuilder();
    options.forEach(option -> source.append("a1.sources.in.").append(option).append('\n'));
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store

        %s
        a1.sources.in.channels = disk

        %s
        %s
        a1.sinks.store.sink.batchSize = %d
        a1.sinks.store.channel = disk
        """
        .formatted(
            source,
            Confs.fileChannel("disk", scene.directory("state")),
            Confs.fileRoll("store", store),
            SINK_BATCH);
  }

  /** A quarter of the kills come while it starts. Leaves it running. */
  private void killAgainAndAgain(AgentProcess agent, Runnable killed) {
    Random random = scene.random();
    for (int kill = 0; kill < KILLS; kill++) {
      boolean isEarly = kill > 0 && random.nextInt(4) == 0;
      if (!isEarly) {
        agent.awaitStarted();
      }
      Duration life = Duration.ofMillis(200 + random.nextInt(1_000));
      assertThat(agent.process().awaitExit(life))
          .as("exit status of the agent, which nobody had killed yet")
          .isEmpty();
      agent.kill();
      killed.run();
      agent.start();
    }
    agent.awaitStarted();
    assertThat(agent.process().awaitExit(Duration.ofMillis(300)))
        .as("exit status of the agent after the last kill")
        .isEmpty();
  }

  /** Sends line after line, on a thread of its own. Guarded by {@code this}. */
  private static final class Sender {
    private static final long PAUSE_NANOS = 5_000_000;

    private final KilledSource source;
    private final Set<String> sent = new HashSet<>();
    private final Set<String> owed = new HashSet<>();
    private final Thread thread = new Thread(this::run, "sender");
    private int sentAgain;
    private int sentBeforeKills;
    private volatile boolean isEnding;
    private volatile Throwable failure;

    Sender(KilledSource source) {
      this.source = source;
      thread.setDaemon(true);
      thread.start();
    }

    private void run() {
      try {
        for (int first = 1; !isEnding; first += LINES_PER_CALL) {
          int begin = first;
          List<String> rest =
              new ArrayList<>(
                  IntStream.range(begin, begin + LINES_PER_CALL)
                      .mapToObj(number -> Ledger.line(source.type(), number))
                      .toList());
          send(rest);
          while (!rest.isEmpty() && source.isAnswered()) {
            // The agent is away, or has refused: a sender waits and tries again.
            LockSupport.parkNanos(PAUSE_NANOS);
            synchronized (this) {
              sentAgain += rest.size();
            }
            send(rest);
          }
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      } catch (RuntimeException e) {
        failure = e;
      }
    }

    private void send(List<String> rest) {
      synchronized (this) {
        sent.addAll(rest);
      }
      try {
        List<String> taken = source.offer(List.copyOf(rest));
        synchronized (this) {
          owed.addAll(taken);
        }
        rest.removeAll(Set.copyOf(taken));
      } catch (IOException e) {
        // The agent is away.
        return;
      }
    }

    /** Sends what is begun until it is taken over. */
    void end() throws InterruptedException {
      isEnding = true;
      thread.join(LIMIT.toMillis());
      assertThat(failure).as("failure of the sender").isNull();
      assertThat(thread.isAlive()).as("the last lines are not taken over").isFalse();
    }

    synchronized Set<String> sent() {
      return new HashSet<>(sent);
    }

    synchronized Set<String> owed() {
      return new HashSet<>(owed);
    }

    /** The agent is not running. */
    synchronized void killed() {
      sentBeforeKills += sent.size();
    }

    /**
     * Lines come twice by what was sent again. A file is read again on its own: by each kill what
     * was written since its position was saved. How much that is depends on how fast the machine is
     * (all that came while the agent was away may be read and not saved), so that the bound is all
     * that there was at the kill.
     */
    synchronized int boundOfTwice() {
      int readAgain = source.isReadAgain() ? sentBeforeKills : 0;
      return readAgain + sentAgain + KILLS * TWICE_BY_THE_SINK;
    }

    synchronized Row row(Store stored) {
      Set<String> there = stored.lines().keySet();
      return new Row(
          source.name(),
          source.promise(),
          KILLS,
          sent.size(),
          ifAnswered(owed.size()),
          there.size(),
          ifAnswered(count(owed, line -> !there.contains(line))),
          OptionalInt.of(count(sent, line -> !owed.contains(line) && !there.contains(line))),
          OptionalInt.of(stored.lineCount() - stored.distinctLineCount()));
    }

    private OptionalInt ifAnswered(int figure) {
      return source.isAnswered() ? OptionalInt.of(figure) : OptionalInt.empty();
    }

    private static int count(Set<String> lines, Predicate<String> which) {
      return (int) lines.stream().filter(which).count();
    }
  }
}
