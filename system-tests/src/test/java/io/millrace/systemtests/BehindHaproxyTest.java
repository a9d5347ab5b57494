/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Collectors behind the packaged configuration of HAProxy, and what may happen to them. */
@Tag("long")
final class BehindHaproxyTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration RESET = Duration.ofSeconds(6);
  private static final int LINES_PER_SECOND = 300;
  private static final int UPLINKS = 6;

  /** What an agent may have sent to one collector without an answer. */
  private static final int IN_FLIGHT = Confs.BATCH * Confs.CALLS_IN_FLIGHT;

  private static final Pattern STORED = Pattern.compile("\\{.*?client=([0-9.]+).*?\\} (.*)");

  @RegisterExtension final Scene scene = new Scene();

  private final Ledger ledger = new Ledger();
  private final List<AgentProcess> collectors = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private LoadBalancer balancer;

  @AfterEach
  void endBalancer() {
    if (balancer != null) {
      balancer.close();
    }
  }

  // A collector dies with its connections, the flow goes on through the others; it comes back and
  // delivers what it had.
  @Test
  void aKilledCollectorCostsNothingAndTheFlowGoesOn() throws Exception {
    startCollectors(3, 3);
    AgentProcess agent = agent("agent", uplinks(2, Duration.ZERO));
    long resumed;
    try (Load load = load("agent", 2)) {
      awaitFlow();
      int victim = busiest();
      collectors.get(victim - 1).kill();
      resumed = awaitFlow();
      collectors.get(victim - 1).startAndAwait();
      balancer.awaitUp(3);
      awaitFlow();
    }
    Audit audit = drain();
    Scene.say("collector killed: flow resumed after %d ms; %s".formatted(resumed, audit.summary()));
    audit.assertNothingLostOrInvented();
    assertThat(audit.duplicates()).isLessThanOrEqualTo(2 * IN_FLIGHT);
    agent.stop();
  }

  // Each collector in turn is stopped in order and started again, as for an upgrade.
  @Test
  void collectorsAreReplacedOneByOneWithoutALoss() throws Exception {
    startCollectors(2, 2);
    AgentProcess agent = agent("agent", uplinks(2, Duration.ZERO));
    try (Load load = load("agent", 2)) {
      awaitFlow();
      for (AgentProcess collector : collectors) {
        collector.stop();
        awaitFlow();
        collector.startAndAwait();
        balancer.awaitUp(2);
      }
      awaitFlow();
    }
    Audit audit = drain();
    Scene.say("collectors replaced one by one: " + audit.summary());
    audit.assertNothingLostOrInvented();
    assertThat(audit.duplicates()).isLessThanOrEqualTo(2 * 2 * IN_FLIGHT);
    agent.stop();
  }

  // A frozen collector keeps its connections and answers nothing. The health check finds it,
  // HAProxy
  // ends its connections, the agents go elsewhere long before their request-timeout. What it had
  // received it takes when it goes on: these events come twice, and no others.
  @Test
  void aFrozenCollectorIsLeftAndWhatItHadReceivedMayComeTwice() throws Exception {
    startCollectors(2, 2);
    AgentProcess agent = agent("agent", uplinks(2, Duration.ZERO));
    long resumed;
    try (Load load = load("agent", 2)) {
      awaitFlow();
      int victim = busiest();
      String pid = Long.toString(collectors.get(victim - 1).process().pid());
      long begin = System.nanoTime();
      Tool.need(scene.directory(), "kill", "-STOP", pid);
      Conditions.await("the frozen collector is down", LIMIT, () -> !balancer.isUp(victim));
      awaitFlow();
      resumed = (System.nanoTime() - begin) / 1_000_000;
      Tool.need(scene.directory(), "kill", "-CONT", pid);
      balancer.awaitUp(2);
    }
    Audit audit = drain();
    Scene.say("collector frozen: flow resumed after %d ms; %s".formatted(resumed, audit.summary()));
    audit.assertNothingLostOrInvented();
    assertThat(audit.duplicates()).isLessThanOrEqualTo(2 * IN_FLIGHT);
    agent.stop();
  }

  // Connections are cut again and again with calls under way. By its address each agent comes back
  // to the collector that knows what it has had of it.
  @Test
  void withAffinityTheDeathOfHaproxyCostsNoDuplicate() throws Exception {
    startCollectors(2, 2);
    balancer.close();
    balancer = LoadBalancer.start(scene, ports, collectors, true);
    AgentProcess agent = agent("agent", uplinks(2, Duration.ZERO));
    long slowest = 0;
    try (Load load = load("agent", 2)) {
      awaitFlow();
      for (int i = 0; i < 5; i++) {
        balancer.process().kill();
        balancer.start();
        slowest = Math.max(slowest, awaitFlow());
      }
    }
    Audit audit = drain();
    Scene.say(
        "HAProxy killed 5 times, with affinity: flow resumed after %d ms at most; %s"
            .formatted(slowest, audit.summary()));
    audit.assertExactlyOnce();
    agent.stop();
  }

  @Test
  void aCollectorThatJoinsGetsItsShareByTheResetOfConnections() throws Exception {
    startCollectors(3, 2);
    AgentProcess agent = agent("agent", uplinks(UPLINKS, RESET));
    try (Load load = load("agent", 2)) {
      awaitFlow();
      collectors.get(2).startAndAwait();
      balancer.awaitUp(3);
      long begin = System.nanoTime();
      Conditions.await(
          "the new collector has its share of the connections",
          // Connections are renewed each in its time, and HAProxy begins with few at a new server.
          RESET.multipliedBy(5),
          () -> balancer.sessions(3) >= UPLINKS / 3);
      Scene.say(
          "a third collector has a third of the connections after %d ms (reset-connection-interval %d s)"
              .formatted((System.nanoTime() - begin) / 1_000_000, RESET.toSeconds()));
      awaitFlow();
    }
    Audit audit = drain();
    Scene.say("collector joined: " + audit.summary());
    audit.assertExactlyOnce();
    for (int i = 1; i <= UPLINKS; i++) {
      assertThat(agent.metric("SINK.up" + i, "EventWriteFail")).as("failed batches").isZero();
      assertThat(agent.metric("SINK.up" + i, "EventRetryCount")).as("retries").isZero();
    }
    agent.stop();
  }

  // The clients have loopback addresses of their own; HAProxy connects from another one.
  @Test
  void eventsCarryTheAddressOfTheClientThatSentThem() throws Exception {
    startCollectors(2, 2);
    for (int i = 1; i <= 6; i++) {
      String host = "127.0.0." + (10 + i);
      try (AvroClient client =
          new AvroClient(InetAddress.getByName(host), balancer.port(), 10_000)) {
        List<String> lines = List.of(Ledger.line(host, 1), Ledger.line(host, 2));
        assertThat(client.send(lines)).isEqualTo(AvroClient.Outcome.ACKNOWLEDGED);
        ledger.wrote(host, 2, 0);
      }
    }
    drain().assertExactlyOnce();
    stored().clients.forEach((line, client) -> assertThat(line).startsWith(client + " "));
    for (AgentProcess collector : collectors) {
      assertThat(collector.metric("SOURCE.edges", "AppendBatchAcceptedCount")).isEqualTo(3);
    }
  }

  @Test
  void whatIsPackagedIsValid() throws Exception {
    LoadBalancer.assumeIsThere("haproxy");
    Command check =
        Tool.call(scene.directory(), "haproxy", "-c", "-f", LoadBalancer.shipped().toString());
    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output()).doesNotContain("WARNING", "ALERT");
  }

  // Its exit status says nothing (a test run of keepalived ends itself by a signal), what it prints
  // does.
  @Test
  void keepalivedFindsNothingWrongWithItsPackagedConfiguration() throws Exception {
    LoadBalancer.assumeIsThere("keepalived");
    String text =
        Files.readString(Installation.packaged("packaging/keepalived/keepalived.conf"))
            .replace("/etc/keepalived/check-haproxy.sh", checkScript().toString())
            .replace("interface eth0", "interface " + networkInterface());
    assertThat(complaints(text)).isBlank();
    assertThat(complaints(text.replace("virtual_router_id 41", "virtual_router_id 999")))
        .as("of a broken one")
        .contains("999");
  }

  @Test
  void keepalivedsCheckFollowsHaproxy() throws Exception {
    startCollectors(1, 1);
    balancer.awaitUp(1);
    awaitCheck("with a collector", true);
    collectors.get(0).kill();
    awaitCheck("without a collector", false);
    collectors.get(0).startAndAwait();
    awaitCheck("with the collector back", true);
    String pid = Long.toString(balancer.process().pid());
    Tool.need(scene.directory(), "kill", "-STOP", pid);
    awaitCheck("of a frozen HAProxy", false);
    Tool.need(scene.directory(), "kill", "-CONT", pid);
    awaitCheck("of a HAProxy that goes on", true);
    balancer.process().kill();
    awaitCheck("of a dead HAProxy", false);
  }

  /**
   * keepalived asks again and again and wants several equal answers. HAProxy believes in a server
   * before its first check, and a check just after may find the collector not ready yet.
   */
  private void awaitCheck(String when, boolean isGood) {
    Conditions.await("check " + when, LIMIT, () -> (checkStatus() == 0) == isGood);
  }

  private int checkStatus() {
    return Tool.call(
            scene.directory(), checkScript().toString(), Integer.toString(balancer.alivePort()))
        .status();
  }

  private static Path checkScript() {
    return Installation.packaged("packaging/keepalived/check-haproxy.sh");
  }

  private String complaints(String configuration) throws IOException {
    Path conf = Files.writeString(scene.directory().resolve("keepalived.conf"), configuration);
    Path complaints = scene.directory().resolve("complaints");
    Files.deleteIfExists(complaints);
    Tool.call(
        scene.directory(), "keepalived", "--config-test=" + complaints, "-f", conf.toString());
    return Files.readString(complaints);
  }

  /** Any that is not loopback, which VRRP does not take. */
  private static String networkInterface() throws IOException {
    return java.net.NetworkInterface.networkInterfaces()
        .filter(
            each -> {
              try {
                return !each.isLoopback();
              } catch (IOException e) {
                return false;
              }
            })
        .map(java.net.NetworkInterface::getName)
        .findFirst()
        .orElse("eth0");
  }

  private void startCollectors(int all, int started) {
    LoadBalancer.assumeIsThere("haproxy");
    for (int i = 1; i <= all; i++) {
      int port = Ports.free();
      Path state = scene.directory("collector" + i);
      String conf =
          Confs.collector(port, state, scene.directory("store" + i))
              + """
              a1.sources.edges.proxy-protocol = required
              a1.sources.edges.proxy-protocol-from = 127.0.0.1
              a1.sources.edges.client-address-header = client
              a1.sinks.store.sink.serializer = header_and_text
              """;
      ports.add(port);
      collectors.add(scene.millrace("collector" + i, conf));
    }
    for (int i = 0; i < started; i++) {
      collectors.get(i).startAndAwait();
    }
    balancer = LoadBalancer.start(scene, ports, collectors);
    balancer.awaitUp(started);
  }

  private AgentProcess agent(String name, String sinks) {
    Path state = scene.directory(name);
    return scene
        .millrace(
            name,
            """
            a1.sources = tail
            a1.channels = disk
            a1.sources.tail.type = TAILDIR
            a1.sources.tail.filegroups = logs
            a1.sources.tail.filegroups.logs = %s/.*\\\\.log.*
            a1.sources.tail.positionFile = %s/positions.json
            a1.sources.tail.batchSize = %d
            a1.sources.tail.backoffSleepIncrement = 100
            a1.sources.tail.maxBackoffSleep = 200
            a1.sources.tail.channels = disk
            """
                    .formatted(logs(name), state, Confs.BATCH)
                + Confs.fileChannel("disk", state)
                + sinks)
        .startAndAwait();
  }

  private Path logs(String name) {
    return scene.directory("logs-of-" + name);
  }

  private String uplinks(int count, Duration reset) {
    StringBuilder text = new StringBuilder();
    StringBuilder names = new StringBuilder();
    for (int i = 1; i <= count; i++) {
      names.append(" up").append(i);
      text.append(
          """
          a1.sinks.up%1$d.type = avro
          a1.sinks.up%1$d.hostname = 127.0.0.1
          a1.sinks.up%1$d.port = %2$d
          a1.sinks.up%1$d.batch-size = %3$d
          a1.sinks.up%1$d.max-in-flight = %4$d
          a1.sinks.up%1$d.reset-connection-interval = %5$d
          a1.sinks.up%1$d.channel = disk
          """
              .formatted(
                  i, balancer.port(), Confs.BATCH, Confs.CALLS_IN_FLIGHT, reset.toSeconds()));
    }
    return "a1.sinks =" + names + "\n" + text;
  }

  private Load load(String agent, int logs) {
    List<LogWriter> writers = new ArrayList<>();
    for (int i = 1; i <= logs; i++) {
      writers.add(new LogWriter(ledger, agent + "-" + i, logs(agent).resolve("app" + i + ".log")));
    }
    return Load.start(writers, LINES_PER_SECOND, 20);
  }

  private int busiest() {
    int busiest = 1;
    for (int i = 2; i <= collectors.size(); i++) {
      busiest = balancer.sessions(i) > balancer.sessions(busiest) ? i : busiest;
    }
    return busiest;
  }

  /** Waits until lines that are written from now on are stored; how long that took. */
  private long awaitFlow() {
    long begin = System.nanoTime();
    int before = ledger.lineCount();
    Conditions.await(
        "lines that are written now are stored",
        LIMIT,
        Duration.ofMillis(250),
        () -> stored().store.distinctLineCount() > before + LINES_PER_SECOND);
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private Audit drain() {
    Conditions.await(
        "every line is stored",
        LIMIT,
        Duration.ofMillis(500),
        () -> stored().store.distinctLineCount() >= ledger.lineCount());
    // What comes twice may come late.
    for (AgentProcess collector : collectors) {
      Conditions.await(
          collector.name() + " has delivered all it has",
          LIMIT,
          () -> !collector.isAlive() || collector.metric("CHANNEL.disk", "ChannelSize") == 0);
    }
    return Audit.of(ledger, stored().store);
  }

  /** What all collectors have stored, and of which client each line came. */
  private record Stored(Store store, Map<String, String> clients) {}

  private Stored stored() {
    Map<String, Integer> lines = new HashMap<>();
    Map<String, String> clients = new HashMap<>();
    for (int i = 1; i <= collectors.size(); i++) {
      Store.of(scene.directory().resolve("store" + i))
          .lines()
          .forEach(
              (text, count) -> {
                Matcher parts = STORED.matcher(text);
                assertThat(parts.matches()).as(text).isTrue();
                lines.merge(parts.group(2), count, Integer::sum);
                clients.put(parts.group(2), parts.group(1));
              });
    }
    return new Stored(new Store(lines, List.of()), clients);
  }
}
