/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compatibility: Millrace beside a real Apache Flume 1.11, which must not notice. Towards Flume the
 * promises 1 and 8 hold as far as Flume keeps its own.
 */
final class FlumeInteropTest {
  private static final int EVENTS = 5_000;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void eventsOfFlumeArriveWithHeadersAndBodies() {
    checkFromFlume(Link.PLAIN);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"DEFLATE", "TLS"})
  void eventsOfFlumeArriveOverDeflateAndTls(Link link) {
    checkFromFlume(link);
  }

  @Test
  void eventsArriveAtFlumeWithHeadersAndBodies() {
    checkToFlume(Link.PLAIN);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"DEFLATE", "TLS"})
  void eventsArriveAtFlumeOverDeflateAndTls(Link link) {
    checkToFlume(link);
  }

  private void checkFromFlume(Link link) {
    int port = Ports.free();
    Path keyStore = link == Link.TLS ? Link.newKeyStore(scene.directory()) : scene.directory();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("millrace", collector("avro", port, store, "millrace", link, keyStore));
    AgentProcess edge = scene.flume("flume", edge("avro", port, "flume", link, keyStore));

    long begin = System.currentTimeMillis();
    collector.startAndAwait();
    edge.startAndAwait();
    awaitAll(store);
    edge.stop();
    collector.stop();

    checkEvents(store, Map.of("edge", "flume", "collector", "millrace"), begin);
  }

  private void checkToFlume(Link link) {
    int port = Ports.free();
    Path keyStore = link == Link.TLS ? Link.newKeyStore(scene.directory()) : scene.directory();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.flume("flume", collector("avro", port, store, "flume", link, keyStore));
    AgentProcess edge = scene.millrace("millrace", edge("avro", port, "millrace", link, keyStore));

    long begin = System.currentTimeMillis();
    collector.startAndAwait();
    edge.startAndAwait();
    awaitAll(store);
    edge.stop();
    collector.stop();

    checkEvents(store, Map.of("edge", "millrace", "collector", "flume"), begin);
  }

  // Promise 8: Flume has read the logs and is stopped; while nobody reads, lines are written and a
  // log is renamed. Millrace goes on from Flume's position file: no line is missing, none is twice.
  @Test
  void positionFileOfFlumeIsTakenOverAndGivenBack() {
    Path logs = scene.directory("logs");
    Path positions = scene.directory("state").resolve("positions.json");
    Path store = scene.directory("store");
    Ledger ledger = new Ledger();
    LogWriter first = new LogWriter(ledger, "first", logs.resolve("first.log"));
    LogWriter second = new LogWriter(ledger, "second", logs.resolve("second.log"));
    LogWriter third = new LogWriter(ledger, "third", logs.resolve("third.log"));
    first.append(1_000);
    second.append(700);
    AgentProcess flume = scene.flume("flume", tail(logs, positions, store));
    flume.startAndAwait();
    Audit.awaitAllStored(ledger, store, LIMIT);
    flume.stop();

    first.append(1_000);
    second.append(300);
    second.rotateByRename();
    second.append(200);
    third.append(400);
    AgentProcess millrace = scene.millrace("millrace", tail(logs, positions, store));
    millrace.startAndAwait();
    Audit.awaitAllStored(ledger, store, LIMIT);
    first.append(100);
    Audit.awaitAllStored(ledger, store, LIMIT);
    millrace.stop();

    // And back again: whoever tries Millrace can return.
    first.append(150);
    flume.startAndAwait();
    Audit.awaitAllStored(ledger, store, LIMIT);
    flume.stop();

    Audit.of(ledger, Store.of(store)).assertExactlyOnce();
  }

  static void awaitAll(Path store) {
    Conditions.await(
        EVENTS + " events are stored",
        LIMIT,
        Duration.ofMillis(200),
        () -> Store.of(store).distinctLineCount() >= EVENTS);
  }

  static void checkEvents(Path store, Map<String, String> marks, long beginMillis) {
    Store stored = Store.of(store);
    assertThat(stored.lineCount()).as("stored lines, duplicates included").isEqualTo(EVENTS);
    Map<String, Map<String, String>> events = StoredEvents.of(stored).headersByBody();
    List<String> bodies = IntStream.range(0, EVENTS).mapToObj(Integer::toString).toList();
    assertThat(events.keySet()).containsExactlyInAnyOrderElementsOf(bodies);
    assertThat(events.values())
        .allSatisfy(
            headers -> {
              assertThat(headers).containsAllEntriesOf(marks);
              assertThat(headers).containsOnlyKeys("edge", "collector", "host", "timestamp");
              assertThat(headers.get("host")).matches("\\d+\\.\\d+\\.\\d+\\.\\d+");
              assertThat(Long.parseLong(headers.get("timestamp")))
                  .isBetween(beginMillis, System.currentTimeMillis());
            });
  }

  /** seq, with interceptors -> memory -> a hop of that type, in batches. */
  static String edge(String type, int port, String mark, Link link, Path keyStore) {
    return """
        a1.sources = numbers
        a1.channels = memory
        a1.sinks = uplink

        a1.sources.numbers.type = seq
        a1.sources.numbers.totalEvents = %d
        a1.sources.numbers.batchSize = 50
        a1.sources.numbers.channels = memory
        a1.sources.numbers.interceptors = mark time from
        a1.sources.numbers.interceptors.mark.type = static
        a1.sources.numbers.interceptors.mark.key = edge
        a1.sources.numbers.interceptors.mark.value = %s
        a1.sources.numbers.interceptors.time.type = timestamp
        a1.sources.numbers.interceptors.from.type = host

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 10000
        a1.channels.memory.transactionCapacity = 1000

        a1.sinks.uplink.type = %s
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.batch-size = 100
        a1.sinks.uplink.channel = memory
        """
            .formatted(EVENTS, mark, type, port)
        + link.sinkOptions("a1.sinks.uplink", keyStore);
  }

  /** A hop of that type, with an interceptor -> memory -> file_roll, headers and bodies. */
  static String collector(
      String type, int port, Path store, String mark, Link link, Path keyStore) {
    return """
        a1.sources = edges
        a1.channels = memory
        a1.sinks = store

        a1.sources.edges.type = %s
        a1.sources.edges.bind = 127.0.0.1
        a1.sources.edges.port = %d
        a1.sources.edges.channels = memory
        a1.sources.edges.interceptors = mark
        a1.sources.edges.interceptors.mark.type = static
        a1.sources.edges.interceptors.mark.key = collector
        a1.sources.edges.interceptors.mark.value = %s

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 10000
        a1.channels.memory.transactionCapacity = 1000

        %s
        a1.sinks.store.sink.serializer = header_and_text
        a1.sinks.store.channel = memory
        """
            .formatted(type, port, mark, Confs.fileRoll("store", store))
        + link.sourceOptions("a1.sources.edges", keyStore);
  }

  /** taildir -> memory -> file_roll. */
  private static String tail(Path logs, Path positions, Path store) {
    return """
        a1.sources = tail
        a1.channels = memory
        a1.sinks = store

        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s/.*\\\\.log.*
        a1.sources.tail.positionFile = %s
        a1.sources.tail.channels = memory

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 10000
        a1.channels.memory.transactionCapacity = 1000

        %s
        a1.sinks.store.channel = memory
        """
        .formatted(logs, positions, Confs.fileRoll("store", store));
  }
}
