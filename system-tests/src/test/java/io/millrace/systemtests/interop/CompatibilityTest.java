/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Installation;
import io.millrace.systemtests.Link;
import io.millrace.systemtests.Ports;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.interop.Agents.Ends;
import io.millrace.systemtests.interop.Mark.Tested;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Compatibility, field by field of docs/compatibility.md: what the jars of Apache Flume send to the
 * packaged command, and what it sends to them, arrives in order, once, with every header and every
 * byte. {@code -Dmillrace.compatibility.update=true} writes the fields that ran to the page; an
 * ordinary run fails when the page says anything else than it has seen.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CompatibilityTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration INTERVAL = Duration.ofMillis(200);

  @RegisterExtension final Scene scene = new Scene();

  private final CompatibilityPage page =
      new CompatibilityPage(Installation.sources().resolve("docs/compatibility.md"));

  /** Loaded once: each copy of Netty takes tens of megabytes of buffers. */
  private final PeerJars sdk = PeerJars.sdk();

  @AfterAll
  void thePageSaysWhatPassed() throws IOException {
    if (Installation.isFlumeTheSubject()) {
      return;
    }
    if (Boolean.getBoolean("millrace.compatibility.update")) {
      page.update();
    }
    assertThat(page.text())
        .as("docs/compatibility.md (-Dmillrace.compatibility.update=true writes it)")
        .isEqualTo(page.textAfterThisRun());
  }

  @TestFactory
  Stream<DynamicTest> eventsOfAFlumeAgentArriveThroughItsRestart() throws Exception {
    Map<Wire, Ends> ends = ends();
    Path keyStore = Link.newKeyStore(scene.directory());
    Path stores = scene.directory("stores");
    int feed = Ports.free();
    AgentProcess receiver =
        scene.millrace("millrace", Agents.receiver(ends, stores, keyStore)).startAndAwait();
    AgentProcess sender =
        scene
            .flume("flume", Agents.sender(feed, ends, scene.directory("state"), keyStore))
            .startAndAwait();
    Samples samples = new Samples(scene.random());
    List<TestEvent> sent = new ArrayList<>();
    // Flume shows metrics of what has started, which is not the source yet.
    sender.awaitPort(feed);
    feed(feed, samples, sent);
    awaitStored(stores, ends, sent.size());
    sender.stop();
    sender.startAndAwait();
    sender.awaitPort(feed);
    feed(feed, samples, sent);
    awaitStored(stores, ends, sent.size());
    sender.stop();
    receiver.stop();

    return ends.keySet().stream()
        .map(
            wire ->
                test(
                    new Cell(Table.FROM_FLUME, Table.Names.AGENT, wire),
                    () -> checkSame(StoredFiles.read(stores.resolve(wire.id())), sent)));
  }

  // What is sent while the agent of Flume is away waits for it.
  @TestFactory
  Stream<DynamicTest> eventsArriveAtAFlumeAgentThroughItsRestart() throws Exception {
    Map<Wire, Ends> ends = ends();
    Path keyStore = Link.newKeyStore(scene.directory());
    Path stores = scene.directory("stores");
    int feed = Ports.free();
    AgentProcess receiver =
        scene.flume("flume", Agents.receiver(ends, stores, keyStore)).startAndAwait();
    AgentProcess sender =
        scene
            .millrace("millrace", Agents.sender(feed, ends, scene.directory("state"), keyStore))
            .startAndAwait();
    Samples samples = new Samples(scene.random());
    List<TestEvent> sent = new ArrayList<>();
    feed(feed, samples, sent);
    awaitStored(stores, ends, sent.size());
    // What is stored may not be answered yet, and would come again.
    awaitEmpty(sender, ends);
    // An orderly stop of Flume takes four seconds for each of its Avro sources.
    receiver.kill();
    feed(feed, samples, sent);
    receiver.startAndAwait();
    awaitStored(stores, ends, sent.size());
    sender.stop();
    awaitEmpty(receiver, ends);
    receiver.kill();

    return ends.keySet().stream()
        .map(
            wire ->
                test(
                    new Cell(Table.TO_FLUME, Table.Names.AGENT, wire),
                    () -> checkSame(StoredFiles.read(stores.resolve(wire.id())), sent)));
  }

  @TestFactory
  Stream<DynamicTest> eventsOfFlumesClientsArrive() {
    Receiver receiver = new Receiver();
    List<DynamicTest> tests = new ArrayList<>();
    for (Client client : Client.values()) {
      for (Wire wire : receiver.ends.keySet()) {
        if (client.mark(wire) instanceof Tested) {
          tests.add(
              test(
                  new Cell(Table.FROM_FLUME, client.title(), wire),
                  () -> receiver.check(client, wire)));
        }
      }
    }
    tests.add(DynamicTest.dynamicTest("and nothing else", receiver::stopAndCheckTotals));
    return tests.stream();
  }

  @Tag("long")
  @TestFactory
  Stream<DynamicTest> eventsOfOlderClientsArrive() {
    Receiver receiver = new Receiver();
    List<DynamicTest> tests = new ArrayList<>();
    for (String version : Table.Names.OLD_VERSIONS) {
      String row = Table.Names.oldClient(version);
      PeerJars jars = PeerJars.sdk(version);
      for (Wire wire : receiver.ends.keySet()) {
        Cell cell = new Cell(Table.FROM_OLD_FLUME, row, wire);
        if (cell.mark() instanceof Tested) {
          tests.add(test(cell, () -> receiver.checkOld(version, jars, wire)));
        }
      }
    }
    tests.add(DynamicTest.dynamicTest("and nothing else", receiver::stopAndCheckTotals));
    return tests.stream();
  }

  /** A Millrace agent that many clients are tried on, one after the other. */
  private final class Receiver {
    private final Samples samples = new Samples(scene.random());
    private final Map<Wire, Ends> ends = ends();
    private final Path keyStore = Link.newKeyStore(scene.directory());
    private final Path stores = scene.directory("stores");
    private final Map<Wire, Integer> totals = new EnumMap<>(Wire.class);
    private final AgentProcess agent =
        scene.millrace("millrace", Agents.receiver(ends, stores, keyStore)).startAndAwait();

    void check(Client client, Wire wire) throws Exception {
      List<List<TestEvent>> batches = client.batches(samples);
      int second = ends.get(wire).second();
      long firstBefore = accepted(wire, 1);
      long secondBefore = accepted(wire, 2);
      PeerJars jars = client.isLogging() ? client.jars() : sdk;
      try (Relay relay = Relay.to(ends.get(wire).first());
          EventSender sender = client.open(jars, wire, relay.port(), second, keyStore)) {
        int half = batches.size() / 2;
        sendAll(sender, batches.subList(0, half));
        if (client == Client.FAILOVER) {
          relay.close();
        }
        sendAll(sender, batches.subList(half, batches.size()));
        assertThat(relay.connectionCount()).isPositive();
      }
      checkArrived(wire, batches, client::expected, client::arrived);
      assertThat(accepted(wire, 1)).as("through the first port").isGreaterThan(firstBefore);
      if (client == Client.FAILOVER || client.balancesLoad()) {
        assertThat(accepted(wire, 2)).as("through the second port").isGreaterThan(secondBefore);
      }
    }

    void checkOld(String version, PeerJars jars, Wire wire) throws Exception {
      List<List<TestEvent>> batches = samples.batches();
      Ends ports = ends.get(wire);
      int port = Table.needsTls12(version, wire) ? ports.second() : ports.first();
      try (EventSender sender = Client.openPlain(jars, wire, port, keyStore)) {
        sendAll(sender, batches);
      }
      checkArrived(wire, batches, Function.identity(), Function.identity());
    }

    private void checkArrived(
        Wire wire,
        List<List<TestEvent>> batches,
        Function<TestEvent, TestEvent> expected,
        Function<TestEvent, TestEvent> arrived) {
      List<TestEvent> sent = batches.stream().flatMap(List::stream).map(expected).toList();
      int before = totals.getOrDefault(wire, 0);
      int total = before + sent.size();
      // All is acknowledged; so it is there, or on its way from the channel to the store.
      awaitStored(stores, Map.of(wire, ends.get(wire)), total);
      List<TestEvent> stored = StoredFiles.read(stores.resolve(wire.id()));
      totals.put(wire, stored.size());
      checkSame(stored.subList(before, stored.size()).stream().map(arrived).toList(), sent);
    }

    private long accepted(Wire wire, int number) {
      return agent.metric("SOURCE." + wire.id() + "-" + number, "EventAcceptedCount");
    }

    void stopAndCheckTotals() {
      agent.stop();
      totals.forEach(
          (wire, total) ->
              assertThat(StoredFiles.read(stores.resolve(wire.id())))
                  .as("events over %s", wire)
                  .hasSize(total));
    }
  }

  private DynamicTest test(Cell cell, Check check) {
    String name = cell.row() + ": " + cell.wire().title();
    return DynamicTest.dynamicTest(
        name,
        () -> {
          page.failed(cell);
          check.run();
          page.passed(cell);
        });
  }

  private void feed(int port, Samples samples, List<TestEvent> sent) throws Exception {
    List<List<TestEvent>> batches = samples.batches();
    try (EventSender sender = Client.openPlain(sdk, Wire.AVRO, port, scene.directory())) {
      sendAll(sender, batches);
    }
    batches.forEach(sent::addAll);
  }

  private static void sendAll(EventSender sender, List<List<TestEvent>> batches) throws Exception {
    for (List<TestEvent> batch : batches) {
      sender.send(batch);
    }
  }

  /** Returns when that much is there or the time is up; what is missing is found later. */
  private static void awaitStored(Path stores, Map<Wire, Ends> ends, int count) {
    try {
      Conditions.await(
          count + " events are stored",
          LIMIT,
          INTERVAL,
          () ->
              ends.keySet().stream()
                  .allMatch(w -> StoredFiles.read(stores.resolve(w.id())).size() >= count));
    } catch (ConditionTimeoutException e) {
      Scene.say("Not everything arrives: " + e.getMessage());
    }
  }

  private static void awaitEmpty(AgentProcess agent, Map<Wire, Ends> ends) {
    Conditions.await(
        "all is stored",
        LIMIT,
        INTERVAL,
        () ->
            ends.keySet().stream()
                .allMatch(wire -> agent.metric("CHANNEL." + wire.id(), "ChannelSize") == 0));
  }

  private static void checkSame(List<TestEvent> stored, List<TestEvent> sent) {
    int common = Math.min(stored.size(), sent.size());
    for (int i = 0; i < common; i++) {
      if (!stored.get(i).equals(sent.get(i))) {
        throw new AssertionError(
            "event %d of %d: %s (expected: %s)"
                .formatted(i, sent.size(), stored.get(i), sent.get(i)));
      }
    }
    assertThat(stored.size()).as("number of events").isEqualTo(sent.size());
  }

  private static Map<Wire, Ends> ends() {
    Map<Wire, Ends> ends = new EnumMap<>(Wire.class);
    for (Wire wire : Wire.values()) {
      ends.put(wire, new Ends(Ports.free(), Ports.free()));
    }
    return ends;
  }

  /** What is to hold for one field. */
  private interface Check {
    void run() throws Exception;
  }
}
