/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * {@code millrace supervise}: the agent comes back whatever ends it, and no acknowledged event is
 * lost. The agent is avro -> file -> file_roll, clients send all the while.
 */
final class SuperviseTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** Far more than the agent's own limit, for two busy cores. */
  private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

  private static final List<String> QUICK =
      List.of(
          "--health-interval",
          "1",
          "--health-timeout",
          "3",
          "--health-misses",
          "3",
          "--max-pause",
          "1");

  /**
   * A client that was sending when its agent was frozen waits for long: the fault is over by then.
   */
  private static final int MORE_BATCHES = 20;

  @RegisterExtension final Scene scene = new Scene();

  private final Receipts receipts = new Receipts();
  private final int port = Ports.free();
  private final int metricsPort = Ports.free();
  private Path store;
  private Path conf;

  @BeforeEach
  void configure() throws IOException {
    store = scene.directory("store");
    conf = scene.directory().resolve("a1.conf");
    Path state = scene.directory("state");
    Files.writeString(
        conf,
        Keeper.configuration(
            port, state.resolve("checkpoint"), List.of(state.resolve("data")), store));
  }

  private SupervisorProcess supervise(List<String> options, String... agentOptions) {
    List<String> words =
        new ArrayList<>(
            List.of("-Dflume.monitoring.type=http", "-Dflume.monitoring.port=" + metricsPort));
    words.addAll(Arrays.asList(agentOptions));
    return SupervisorProcess.start(scene.directory(), conf, options, words);
  }

  /** That the supervisor knows the agent to live, so that it misses its next answers. */
  private void awaitServing(Receipts receipts) {
    receipts.awaitMoreAcknowledged(MORE_BATCHES, LIMIT);
    Conditions.await("the agent shows its metrics", LIMIT, () -> Ports.isOpen(metricsPort));
  }

  private String metrics() throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + metricsPort + "/metrics");
    try (InputStream in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void anAgentThatIsKilledOrHangsIsBackAndNothingIsLost() throws IOException {
    try (SupervisorProcess supervisor = supervise(QUICK);
        Senders senders = Senders.start(port, "s", 2, 10, 0, receipts)) {
      long first = supervisor.awaitAgent(1);
      awaitServing(receipts);

      SupervisorProcess.signal(scene.directory(), "KILL", first);
      long second = supervisor.awaitAgent(2);
      assertThat(supervisor.log()).contains("started again at once");
      assertThat(supervisor.awaitCrashRecord(first))
          .contains("signal 9 (SIGKILL, not by this supervisor", "Agent a1 is running", "VmRSS");
      awaitServing(receipts);
      assertThat(metrics()).contains("\"RestartCount\":\"1\"");

      SupervisorProcess.signal(scene.directory(), "HUP", supervisor.process().pid());
      supervisor.awaitLog("the configuration is read again (SIGHUP)");
      // Until then it is thought to be starting, and given time.
      supervisor.awaitLog("agent (process " + second + ") answers its health check");

      SupervisorProcess.signal(scene.directory(), "STOP", second);
      long third = supervisor.awaitAgent(3);
      assertThat(supervisor.awaitCrashRecord(second))
          .contains("health checks failed in a row")
          .contains("Full thread dump", "a1/agent/supervisor/turn");
      awaitServing(receipts);

      receipts.awaitStored(store, LIMIT);
      assertThat(supervisor.terminate(STOP_LIMIT)).as("exit status").hasValue(0);
      assertThat(SupervisorProcess.isAlive(third)).isFalse();
      assertThat(supervisor.log()).contains("agent stopped in order");
      assertThat(supervisor.crashRecords()).hasSize(2);
    }
    receipts.check(store);
  }

  // kill -9 of the supervisor: its agent must neither live on alone nor keep the channel from the
  // agent of the next supervisor, which is started at once.
  @Test
  void theAgentOfAKilledSupervisorGivesWayToTheNextOne() {
    try (SupervisorProcess first = supervise(QUICK);
        Senders senders = Senders.start(port, "s", 2, 10, 0, receipts)) {
      long orphan = first.awaitAgent(1);
      awaitServing(receipts);

      first.process().kill();
      try (SupervisorProcess next = supervise(QUICK)) {
        SupervisorProcess.awaitEnd(orphan, STOP_LIMIT);
        next.awaitAgent(1);
        awaitServing(receipts);
        receipts.awaitStored(store, LIMIT);
        assertThat(next.terminate(STOP_LIMIT)).as("exit status").hasValue(0);
        assertThat(next.crashRecords()).isEmpty();
      }
    }
    receipts.check(store);
  }

  // A second flow in memory, without a bound that fits the heap and without a way out, is filled
  // until there is no memory left. The agent must end, not live on half dead, and come back.
  @Test
  void anAgentThatIsOutOfMemoryEndsAndComesBackAndNothingIsLost() throws IOException {
    int hogPort = Ports.free();
    Files.writeString(conf, Files.readString(conf) + hog(hogPort));
    try (SupervisorProcess supervisor = supervise(QUICK, "-Xmx64m");
        Senders senders = Senders.start(port, "s", 1, 10, 0, receipts)) {
      long first = supervisor.awaitAgent(1);
      awaitServing(receipts);

      fill(hogPort, first);
      long second = supervisor.awaitAgent(2);
      String record = supervisor.awaitCrashRecord(first);
      assertThat(record).contains("status 3 (out of memory)", "OutOfMemoryError");
      awaitServing(receipts);

      assertThat(SupervisorProcess.isAlive(second)).isTrue();
      receipts.awaitStored(store, LIMIT);
      assertThat(supervisor.terminate(STOP_LIMIT)).as("exit status").hasValue(0);
    }
    assertThat(receipts.lineCount(Outcome.ACKNOWLEDGED)).isPositive();
    receipts.check(store);
  }

  private static String hog(int port) {
    return """

        a1.sources = in hog
        a1.channels = disk heap
        a1.sinks = store nowhere
        a1.sources.hog.type = netcat
        a1.sources.hog.bind = 127.0.0.1
        a1.sources.hog.port = %d
        a1.sources.hog.max-line-length = 2097152
        a1.sources.hog.ack-every-event = false
        a1.sources.hog.channels = heap
        a1.channels.heap.type = memory
        a1.channels.heap.capacity = 1000000
        a1.channels.heap.byteCapacity = 100000000000
        a1.sinks.nowhere.type = avro
        a1.sinks.nowhere.hostname = 127.0.0.1
        a1.sinks.nowhere.port = %d
        a1.sinks.nowhere.channel = heap
        """
        .formatted(port, Ports.free());
  }

  /** Sends lines of a megabyte until the agent has ended. */
  private static void fill(int port, long agent) {
    byte[] line = ("x".repeat(1 << 20) + "\n").getBytes(StandardCharsets.UTF_8);
    Conditions.await(
        "the agent is out of memory",
        LIMIT,
        () -> {
          try (Socket socket = Ports.connect(port)) {
            while (SupervisorProcess.isAlive(agent)) {
              socket.getOutputStream().write(line);
            }
          } catch (IOException e) {
            // The end of the agent, or of its patience with this connection.
          }
          return !SupervisorProcess.isAlive(agent);
        });
  }

  @Test
  void anAgentThatCannotRunIsSaidAndTriedLessAndLess() throws IOException {
    Files.delete(conf);
    try (SupervisorProcess supervisor = supervise(List.of("--give-up-after", "4"))) {
      assertThat(supervisor.process().awaitExit(LIMIT)).as("exit status").hasValue(1);
      assertThat(supervisor.log())
          .contains("a1.conf", "does not exist", "its configuration cannot run as it is")
          .containsSubsequence("again at once", "again in 1 s", "again in 2 s", "given up")
          .doesNotContain("again in 4 s");
      assertThat(supervisor.crashRecords())
          .hasSize(4)
          .allMatch(record -> record.contains("ended with status 1"));
    }
  }

  @Test
  void anAgentWhoseOptionsAreNotUnderstoodIsNotTriedAgain() {
    try (SupervisorProcess supervisor = supervise(List.of(), "--no-such-option")) {
      assertThat(supervisor.process().awaitExit(LIMIT)).as("exit status").hasValue(2);
      assertThat(supervisor.log()).contains("--no-such-option", "given up");
      supervisor.awaitAgent(1);
    }
  }

  @Test
  void aCrashDirectoryThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(scene.directory().resolve("crashes"));
    try (SupervisorProcess supervisor = supervise(List.of())) {
      assertThat(supervisor.process().awaitExit(LIMIT)).as("exit status").hasValue(1);
      assertThat(supervisor.log()).contains("--crash-dir " + file, "cannot be written");
    }
  }
}
