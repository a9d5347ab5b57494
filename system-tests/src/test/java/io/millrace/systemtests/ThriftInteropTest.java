/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compatibility: the thrift source and sink of Millrace with those of a real Apache Flume 1.11,
 * which must not notice.
 */
final class ThriftInteropTest {
  @RegisterExtension final Scene scene = new Scene();

  @Test
  void eventsOfFlumeArriveWithHeadersAndBodies() {
    checkFromFlume("compact", Link.PLAIN);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"binary, PLAIN", "compact, TLS", "binary, TLS"})
  void eventsOfFlumeArriveInEitherEncodingPlainAndOverTls(String protocol, Link link) {
    checkFromFlume(protocol, link);
  }

  @Test
  void eventsArriveAtFlumeWithHeadersAndBodies() {
    checkToFlume("compact", Link.PLAIN);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"binary, PLAIN", "compact, TLS", "binary, TLS"})
  void eventsArriveAtFlumeInEitherEncodingPlainAndOverTls(String protocol, Link link) {
    checkToFlume(protocol, link);
  }

  // Promise 12: a server that is away is named, and the events wait for it.
  @Test
  void aServerThatComesLaterGetsEverything() {
    int port = Ports.free();
    Path store = scene.directory("store");
    AgentProcess edge = scene.millrace("edge", edge("compact", port, "edge", Link.PLAIN, store));
    long begin = System.currentTimeMillis();
    edge.startAndAwaitMetrics();
    edge.awaitLog("Thrift server 127.0.0.1:" + port);
    AgentProcess collector =
        scene.millrace("collector", collector("compact", port, store, "late", Link.PLAIN, store));
    collector.startAndAwait();
    finish(edge, collector, store, Map.of("edge", "edge", "collector", "late"), begin);
  }

  private void checkFromFlume(String protocol, Link link) {
    int port = Ports.free();
    Path keyStore = link == Link.TLS ? Link.newKeyStore(scene.directory()) : scene.directory();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("millrace", collector(protocol, port, store, "millrace", link, keyStore));
    AgentProcess edge = scene.flume("flume", edge(protocol, port, "flume", link, keyStore));
    long begin = System.currentTimeMillis();
    collector.startAndAwait();
    edge.startAndAwait();
    finish(edge, collector, store, Map.of("edge", "flume", "collector", "millrace"), begin);
  }

  private void checkToFlume(String protocol, Link link) {
    int port = Ports.free();
    Path keyStore = link == Link.TLS ? Link.newKeyStore(scene.directory()) : scene.directory();
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.flume("flume", collector(protocol, port, store, "flume", link, keyStore));
    AgentProcess edge =
        scene.millrace("millrace", edge(protocol, port, "millrace", link, keyStore));
    long begin = System.currentTimeMillis();
    collector.startAndAwait();
    edge.startAndAwait();
    finish(edge, collector, store, Map.of("edge", "millrace", "collector", "flume"), begin);
  }

  private static void finish(
      AgentProcess edge,
      AgentProcess collector,
      Path store,
      Map<String, String> marks,
      long beginMillis) {
    FlumeInteropTest.awaitAll(store);
    edge.stop();
    collector.stop();
    FlumeInteropTest.checkEvents(store, marks, beginMillis);
  }

  private static String edge(String protocol, int port, String mark, Link link, Path keyStore) {
    return FlumeInteropTest.edge("thrift", port, mark, link, keyStore)
        + "a1.sinks.uplink.protocol = "
        + protocol
        + "\n";
  }

  private static String collector(
      String protocol, int port, Path store, String mark, Link link, Path keyStore) {
    return FlumeInteropTest.collector("thrift", port, store, mark, link, keyStore)
        + "a1.sources.edges.protocol = "
        + protocol
        + "\n";
  }
}
