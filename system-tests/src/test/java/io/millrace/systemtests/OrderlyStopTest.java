/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Promise 7: an orderly stop answers or refuses what is in flight, drains memory channels up to a
 * limit, and ends within 10 seconds.
 */
final class OrderlyStopTest {
  private static final int CLIENTS = 3;
  private static final int LINES_AT_ONCE = 40;
  private static final int STOPS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Twice what is promised, for two busy cores. */
  private static final Duration STOP_LIMIT = AgentProcess.STOP_LIMIT.multipliedBy(2);

  @RegisterExtension final Scene scene = new Scene();

  // A sequence source keeps the channel full while clients send lines and count the answers; then
  // SIGTERM, at a random moment. Whatever was acknowledged must be stored, though the channel was
  // memory.
  @Test
  void whatWasAcknowledgedIntoMemoryIsStoredByTheEnd() throws Exception {
    Random random = scene.random();
    for (int stop = 1; stop <= STOPS; stop++) {
      int port = Ports.free();
      Path store = scene.directory("store-" + stop);
      AgentProcess agent = scene.millrace("agent-" + stop, memoryAgent(port, store));
      agent.startAndAwait();
      agent.awaitPort(port);

      List<NetcatClient> clients = new ArrayList<>();
      ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
      try {
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 1; i <= CLIENTS; i++) {
          NetcatClient client = new NetcatClient(port, "client" + i);
          clients.add(client);
          ends.add(executor.submit(() -> sendUntilEnd(client)));
        }
        Conditions.await(
            "lines are acknowledged",
            LIMIT,
            () -> agent.metric("SOURCE.lines", "EventAcceptedCount") > 4 * LINES_AT_ONCE);
        Duration life = Duration.ofMillis(1_000 + random.nextInt(1_500));
        assertThat(agent.process().awaitExit(life)).as("exit before the stop").isEmpty();
        assertThat(agent.stop()).as("the stop").isLessThan(STOP_LIMIT);
        for (Future<?> end : ends) {
          end.get();
        }
      } finally {
        executor.shutdownNow();
      }
      checkStored(store, clients);
    }
  }

  private static void sendUntilEnd(NetcatClient client) {
    while (client.send(LINES_AT_ONCE)) {
      assertThat(client.sent()).isLessThan(100_000_000);
    }
  }

  private static void checkStored(Path directory, List<NetcatClient> clients) {
    Sequence sequence = new Sequence();
    Store store = Store.of(directory, line -> !sequence.accept(line));
    Set<String> acknowledged = new HashSet<>();
    Set<String> sent = new HashSet<>();
    for (NetcatClient client : clients) {
      for (int number = 1; number <= client.sent(); number++) {
        sent.add(client.line(number));
        if (number <= client.acknowledged()) {
          acknowledged.add(client.line(number));
        }
      }
    }
    Audit audit = Audit.of(acknowledged, store);
    Scene.say(
        "acknowledged %d, of the sequence %d; of the acknowledged: stored %d, lost %d"
            .formatted(
                acknowledged.size(),
                sequence.seen.cardinality(),
                acknowledged.size() - audit.lost(),
                audit.lost()));
    assertThat(acknowledged).as("acknowledged lines").hasSizeGreaterThan(LINES_AT_ONCE);
    assertThat(audit.lost()).as("acknowledged and not stored: %s", audit).isZero();
    Audit.of(sent, store).assertNothingInvented().assertNothingTwice();
    assertThat(sequence.repeated).as("numbers stored twice").isZero();
    assertThat(sequence.seen.cardinality())
        .as("numbers of the sequence, which has no gap")
        .isEqualTo(sequence.seen.length());
  }

  /** The numbers of the sequence source that were stored: too many to keep as text. */
  private static final class Sequence {
    private final BitSet seen = new BitSet();
    private int repeated;

    /** Notes a number; false for every other line. */
    boolean accept(String line) {
      if (!isNumber(line)) {
        return false;
      }
      int number = Integer.parseInt(line);
      repeated += seen.get(number) ? 1 : 0;
      seen.set(number);
      return true;
    }
  }

  private static boolean isNumber(String line) {
    return !line.isEmpty() && line.chars().allMatch(Character::isDigit);
  }

  // Nothing can be delivered: the stop may not wait for ever, and says what it had to leave.
  @Test
  void anUnreachableCollectorDoesNotHoldUpTheStop() {
    AgentProcess agent =
        scene.millrace(
            "agent",
            """
            a1.sources = numbers
            a1.channels = memory
            a1.sinks = uplink
            a1.sources.numbers.type = seq
            a1.sources.numbers.totalEvents = 700
            a1.sources.numbers.channels = memory
            a1.channels.memory.type = memory
            a1.channels.memory.capacity = 1000
            a1.sinks.uplink.type = avro
            a1.sinks.uplink.hostname = 127.0.0.1
            a1.sinks.uplink.port = %d
            a1.sinks.uplink.channel = memory
            """
                .formatted(Ports.free()));
    agent.startAndAwait();
    Conditions.await(
        "the channel is full of what cannot be delivered",
        LIMIT,
        () -> agent.metric("CHANNEL.memory", "ChannelSize") >= 500);

    OptionalInt status = agent.process().terminate(STOP_LIMIT);

    assertThat(status).as("exit status within %s", STOP_LIMIT).isPresent();
    // Promise 12: nothing is silent.
    assertThat(agent.log()).contains("700 events could not be delivered");
  }

  private static String memoryAgent(int port, Path store) {
    return """
        a1.sources = lines numbers
        a1.channels = memory
        a1.sinks = store

        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.channels = memory

        a1.sources.numbers.type = seq
        a1.sources.numbers.batchSize = 50
        a1.sources.numbers.channels = memory

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 20000
        a1.channels.memory.transactionCapacity = 1000

        %s
        a1.sinks.store.channel = memory
        """
        .formatted(port, Confs.fileRoll("store", store));
  }
}
