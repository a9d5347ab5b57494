/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.JournalFiles.SegmentFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Each shipped alert fires when a real agent is in the state that it is for, as seen by a real
 * Prometheus. The rules are the shipped ones, with shorter minutes.
 */
@Tag("long")
final class AlertRulesTest {
  private static final Duration LIMIT = Duration.ofSeconds(180);

  /** A minute of the rules takes a second. */
  private static final int FAST = 1_000;

  /** Long enough for every rule where a minute takes 100 ms. */
  private static final Duration ALL_RULES = Duration.ofSeconds(10);

  /** For what needs several starts of an agent within 15 minutes. */
  private static final int SLOWER = 4_000;

  /**
   * What only a defect can cause, or a batch of 64 MiB, and is made to fire by the rule tests
   * alone.
   */
  private static final Set<String> BY_RULE_TESTS =
      Set.of(
          "MillraceAgentNotLive",
          "MillraceComponentStuck",
          "MillraceComponentRestarting",
          "MillraceEventsRejected");

  @RegisterExtension final Scene scene = new Scene();

  private final int port = Ports.free();

  @BeforeEach
  void needPrometheus() {
    PrometheusServer.need();
  }

  @Test
  void theRulesAreSound() {
    String output =
        Tool.need(
            scene.directory(),
            "promtool",
            "check",
            "rules",
            PrometheusServer.shippedRules().toString());
    assertThat(output).contains("SUCCESS");
  }

  @Test
  void theRuleTestsPass() {
    Path tests = Installation.sources().resolve("packaging/prometheus/millrace-alerts-test.yml");
    assertThat(Tool.need(scene.directory(), "promtool", "test", "rules", tests.toString()))
        .contains("SUCCESS");
  }

  /** An alert that nobody ever saw fire is a guess. */
  @Test
  void everyAlertIsMadeToFire() throws IOException {
    Set<String> alerts = new TreeSet<>();
    Pattern.compile("- alert: (\\w+)")
        .matcher(Files.readString(PrometheusServer.shippedRules()))
        .results()
        .forEach(match -> alerts.add(match.group(1)));
    String here =
        Files.readString(
            Installation.sources()
                .resolve("system-tests/src/test/java/io/millrace/systemtests/AlertRulesTest.java"));
    String ruleTests =
        Files.readString(
            Installation.sources().resolve("packaging/prometheus/millrace-alerts-test.yml"));

    assertThat(alerts).hasSizeGreaterThan(15);
    assertThat(alerts).allMatch(alert -> here.contains("\"" + alert + "\""));
    assertThat(BY_RULE_TESTS).allMatch(alert -> ruleTests.contains("alertname: " + alert));
  }

  // Nothing can be delivered while events trickle in: the channel fills and is full at last.
  @Test
  void aCollectorThatIsAwayAlarmsInEveryStage() throws Exception {
    AgentProcess agent = scene.millrace("agent", agent(disk(1000), avroSink(Ports.free())));
    agent.startAndAwait();
    agent.awaitPort(port);
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent));
        NetcatClient client = new NetcatClient(port, "s")) {
      client.send(200);
      prometheus.awaitFired(
          LIMIT,
          () -> {
            if (client.sent() < 850) {
              client.send(5);
            }
          },
          "MillraceSinkFailing",
          "MillraceNoProgress",
          "MillraceChannelFullSoon",
          "MillraceChannelFilling");
      while (client.send(10)) {
        assertThat(client.sent()).isLessThan(5_000);
      }
      prometheus.awaitFired(
          LIMIT, () -> {}, "MillraceChannelNotAccepting", "MillraceAgentNotReady");
    }
  }

  @Test
  void aHealthyAgentAlarmsNobody() throws Exception {
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace("agent", agent(disk(100_000), Confs.fileRoll("out", store)));
    agent.startAndAwait();
    agent.awaitPort(port);
    try (PrometheusServer prometheus = PrometheusServer.start(scene, 100, List.of(agent));
        NetcatClient client = new NetcatClient(port, "s")) {
      // A second of the rules is less than two milliseconds now: where the machine stands still for
      // a moment the agent was away for long, which is an alarm. Without such a moment there is
      // none.
      Set<String> fired = firedWithin(ALL_RULES, prometheus, client);
      for (int i = 0; i < 4 && !fired.isEmpty(); i++) {
        Scene.say("fired, so that the machine may have stood still: " + fired);
        fired = firedWithin(ALL_RULES, prometheus, client);
      }
      assertThat(fired).isEmpty();
      assertThat(agent.get("/metrics/prometheus").orElseThrow().body())
          .as("metrics without a meaning")
          .contains("millrace_source_events_received_total")
          .doesNotContain("Not described");
    }
  }

  private static Set<String> firedWithin(
      Duration time, PrometheusServer prometheus, NetcatClient client) {
    long end = System.nanoTime() + time.toNanos();
    Set<String> fired = new TreeSet<>();
    while (System.nanoTime() - end < 0) {
      assertThat(client.send(5)).isTrue();
      fired.addAll(prometheus.firing());
    }
    return fired;
  }

  @Test
  void anAgentThatIsKilledAgainAndAgainAlarms() {
    AgentProcess agent = scene.millrace("agent", agent(memory(), "a1.sinks.out.type = null"));
    agent.startAndAwait();
    try (PrometheusServer prometheus = PrometheusServer.start(scene, SLOWER, List.of(agent))) {
      agent.kill();
      prometheus.awaitFired(LIMIT, () -> {}, "MillraceAgentDown");
      prometheus.awaitFired(
          LIMIT,
          () -> {
            if (agent.isAlive()) {
              agent.kill();
            }
            agent.startAndAwait();
            pause(Duration.ofSeconds(2));
          },
          "MillraceAgentRestarting");
    }
  }

  @Test
  void aSourceWithoutItsPortAlarms() throws Exception {
    try (ServerSocket taken = Ports.listenOn(port)) {
      AgentProcess agent = scene.millrace("agent", agent(memory(), "a1.sinks.out.type = null"));
      agent.start();
      agent.awaitLog("Agent a1 is running in part");
      try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent))) {
        prometheus.awaitFired(LIMIT, () -> {}, "MillraceComponentDown", "MillraceAgentNotReady");
      }
      assertThat(taken.isBound()).isTrue();
    }
  }

  @Test
  void aConfigurationThatCannotRunAlarms() throws Exception {
    AgentProcess agent = scene.millrace("agent", agent(memory(), "a1.sinks.out.type = null"));
    agent.startAndAwait();
    Files.writeString(agent.conf(), "a1.sources = lines\na1.sources.lines.type = nettcat\n");
    Tool.need(scene.directory(), "kill", "-HUP", Long.toString(agent.process().pid()));
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent))) {
      prometheus.awaitFired(LIMIT, () -> {}, "MillraceConfigurationBroken");
    }
  }

  @Test
  void aStandInThatWorksAlarms() throws Exception {
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace(
            "agent",
            agent(memory(), avroSink(Ports.free()))
                + """
                a1.sinks = out spare
                %s
                a1.sinks.spare.channel = c1
                a1.sinkgroups = both
                a1.sinkgroups.both.sinks = out spare
                a1.sinkgroups.both.processor.type = failover
                a1.sinkgroups.both.processor.priority.out = 10
                a1.sinkgroups.both.processor.priority.spare = 5
                """
                    .formatted(Confs.fileRoll("spare", store)));
    agent.startAndAwait();
    agent.awaitPort(port);
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent));
        NetcatClient client = new NetcatClient(port, "s")) {
      prometheus.awaitFired(LIMIT, () -> client.send(1), "MillraceFailoverActive");
    }
  }

  @Test
  void aDiskThatIsFullToItsReserveAlarms() throws Exception {
    try (Mount disk = Mount.small(scene.directory("disk"), 48)) {
      AgentProcess agent =
          scene.millrace(
              "agent",
              agent(
                  Confs.fileChannel("c1", disk.directory())
                      + """
                      a1.channels.c1.maxFileSize = 4194304
                      a1.channels.c1.minimumRequiredSpace = 1048576
                      a1.channels.c1.keep-alive = 0
                      """,
                  avroSink(Ports.free())));
      agent.startAndAwait();
      agent.awaitPort(port);
      try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent))) {
        DiskFullTest.fill(disk.directory().resolve("ballast"));
        prometheus.awaitFired(
            LIMIT,
            () -> sendSome(1_000),
            "MillraceDiskNearlyFull",
            "MillraceStorageRefuses",
            "MillraceChannelNotAccepting");
      } finally {
        agent.kill();
      }
    }
  }

  @Test
  void damagedAndMissingFilesAlarm() throws Exception {
    Path one = scene.directory().resolve("data1");
    Path two = scene.directory().resolve("data2");
    String channel =
        """
        a1.channels.c1.type = file
        a1.channels.c1.checkpointDir = %s/checkpoint
        a1.channels.c1.dataDirs = %s, %s
        """
            .formatted(scene.directory(), one, two);
    AgentProcess agent = scene.millrace("agent", agent(channel, avroSink(Ports.free())));
    agent.startAndAwait();
    agent.awaitPort(port);
    for (int i = 0; i < 20; i++) {
      sendSome(0);
    }
    agent.kill();
    SegmentFile segment = JournalFiles.segments(one).get(0);
    JournalFiles.flipBit(segment.path(), segment.frames().get(0).payloadPosition() + 9, 3);
    Files.move(two, scene.directory().resolve("away"), StandardCopyOption.ATOMIC_MOVE);
    Files.writeString(two, "no directory");

    agent.startAndAwait();
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent))) {
      prometheus.awaitFired(LIMIT, () -> {}, "MillraceDirectoryLost", "MillraceRecordsDamaged");
    }
  }

  @Test
  void eventsWithoutAChannelAndGapsInACopyAlarm() throws Exception {
    AgentProcess agent =
        scene.millrace(
            "agent",
            """
            a1.sources = lines numbers
            a1.channels = c1 copy
            a1.sinks = out
            a1.sources.lines.type = netcat
            a1.sources.lines.bind = 127.0.0.1
            a1.sources.lines.port = %d
            a1.sources.lines.channels = c1 copy
            a1.sources.lines.selector.type = replicating
            a1.sources.lines.selector.optional = copy
            a1.sources.numbers.type = seq
            a1.sources.numbers.batchSize = 1
            a1.sources.numbers.channels = c1
            a1.sources.numbers.selector.type = multiplexing
            a1.sources.numbers.selector.header = kind
            a1.sources.numbers.selector.mapping.a = c1
            a1.channels.c1.type = memory
            a1.channels.copy.type = memory
            a1.channels.copy.capacity = 10
            a1.channels.copy.transactionCapacity = 10
            a1.channels.copy.keep-alive = 0
            a1.sinks.out.type = null
            a1.sinks.out.channel = c1
            """
                .formatted(port));
    agent.startAndAwait();
    agent.awaitPort(port);
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent))) {
      prometheus.awaitFired(
          LIMIT, () -> sendSome(0), "MillraceEventsUnrouted", "MillraceOptionalChannelFailing");
    }
  }

  @Test
  void aSenderThatRepeatsItselfAlarms() throws Exception {
    AgentProcess agent =
        scene.millrace(
            "agent",
            agent(disk(100_000), "a1.sinks.out.type = null")
                + """
                a1.sources.lines.type = avro
                """);
    agent.startAndAwait();
    agent.awaitPort(port);
    try (PrometheusServer prometheus = PrometheusServer.start(scene, FAST, List.of(agent));
        AvroClient client = new AvroClient(port, 10_000)) {
      Map<String, byte[]> origin = OriginSender.origin(0, 3);
      prometheus.awaitFired(
          LIMIT,
          () -> client.send(List.of("one", "two", "three"), origin),
          "MillraceDuplicatesRising");
    }
  }

  private void sendSome(int fillingBytes) {
    try (NetcatClient client = new NetcatClient(port, "s", fillingBytes)) {
      client.send(10);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    Conditions.await("time passes", LIMIT, () -> System.nanoTime() - end >= 0);
  }

  /** A netcat source on {@link #port}, a channel {@code c1} and a sink {@code out}. */
  private String agent(String channel, String sink) {
    return """
        a1.sources = lines
        a1.channels = c1
        a1.sinks = out
        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.max-line-length = 20000
        a1.sources.lines.channels = c1
        %s
        %s
        a1.sinks.out.channel = c1
        """
        .formatted(port, channel, sink);
  }

  private static String memory() {
    return "a1.channels.c1.type = memory\na1.channels.c1.capacity = 10000\n";
  }

  private String disk(int capacity) {
    return Confs.fileChannel("c1", scene.directory())
        + """
        a1.channels.c1.capacity = %d
        a1.channels.c1.transactionCapacity = 100
        a1.channels.c1.keep-alive = 0
        """
            .formatted(capacity);
  }

  private static String avroSink(int nextPort) {
    return """
        a1.sinks.out.type = avro
        a1.sinks.out.hostname = 127.0.0.1
        a1.sinks.out.port = %d
        a1.sinks.out.connect-timeout = 1000
        """
        .formatted(nextPort);
  }
}
