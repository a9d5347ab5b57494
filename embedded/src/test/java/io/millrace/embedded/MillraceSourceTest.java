/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.client.Event;
import io.millrace.client.EventClient;
import io.millrace.client.FlumeProperties;
import io.millrace.client.ToyServer;
import io.millrace.engine.config.AgentResult;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import io.millrace.engine.runtime.Agent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The client and a real agent of Millrace: avro or thrift source, channel, avro sink. */
class MillraceSourceTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final int port = ToyServer.freePort();

  private Agent started(int storePort, String channel) {
    return started("avro", storePort, channel);
  }

  private Agent started(String sourceType, int storePort, String more) {
    String text =
        """
        c.sources = r1
        c.channels = c1
        c.sinks = k1
        c.sources.r1.type = %s
        c.sources.r1.bind = 127.0.0.1
        c.sources.r1.port = %d
        c.sources.r1.channels = c1
        c.sinks.k1.type = avro
        c.sinks.k1.hostname = 127.0.0.1
        c.sinks.k1.port = %d
        c.sinks.k1.channel = c1
        %s
        """
            .formatted(sourceType, port, storePort, more);
    AgentResult result =
        new ConfigurationLoader(
                Catalog.load(MillraceSourceTest.class.getClassLoader()), Environment.ofProcess())
            .loadTexts(List.of(PropertiesText.of("collector", text)))
            .agent("c", Strictness.STRICT);
    Agent agent = Agent.create(result.agent().orElseThrow());
    agent.start();
    return agent;
  }

  private EventClient client() {
    return EventClient.builder()
        .server("127.0.0.1", port)
        .backoff(Duration.ofMillis(20), Duration.ofMillis(200))
        .build();
  }

  @Test
  void nothingAcknowledgedIsLostWhenTheCollectorIsRestarted() throws Exception {
    checkRestart("avro", "", client());
  }

  @ParameterizedTest
  @CsvSource({"compact, false", "binary, false", "compact, true", "binary, true"})
  void nothingAcknowledgedIsLostOverThriftEither(String protocol, boolean isTls) throws Exception {
    String source = "c.sources.r1.protocol = " + protocol + "\n";
    Map<String, String> properties = new HashMap<>();
    properties.put("client.type", "thrift");
    properties.put("protocol", protocol);
    properties.put("hosts", "h1");
    properties.put("hosts.h1", "localhost:" + port);
    properties.put("max-attempts", "1000");
    if (isTls) {
      Path keyStore = newKeyStore();
      source +=
          "c.sources.r1.ssl = true\nc.sources.r1.keystore = "
              + keyStore
              + "\nc.sources.r1.keystore-password = changeit\n"
              + "c.sources.r1.keystore-type = PKCS12\n";
      properties.put("ssl", "true");
      properties.put("truststore", keyStore.toString());
      properties.put("truststore-password", "changeit");
      properties.put("truststore-type", "PKCS12");
    }
    checkRestart("thrift", source, FlumeProperties.read(properties).builder().build());
  }

  private Path newKeyStore() throws Exception {
    Path keyStore = directory.resolve("key.p12");
    String command =
        "-genkeypair -keyalg RSA -alias server -dname CN=localhost -ext SAN=dns:localhost"
            + " -validity 2 -storetype PKCS12 -storepass changeit -keystore";
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    words.addAll(List.of(command.split(" ")));
    words.add(keyStore.toString());
    Process keytool =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).isZero();
    return keyStore;
  }

  // The collector is stopped and started again under load: what it acknowledged, its file channel
  // has, and the store gets.
  private void checkRestart(String sourceType, String source, EventClient sender) throws Exception {
    int events = 4000;
    String more =
        source
            + "c.channels.c1.type = file\nc.channels.c1.checkpointDir = "
            + directory.resolve("checkpoint")
            + "\nc.channels.c1.dataDirs = "
            + directory.resolve("data");
    try (ToyServer store = ToyServer.started()) {
      Agent collector = started(sourceType, store.port(), more);
      try (EventClient client = sender) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (int i = 0; i < events; i++) {
          sent.add(client.send(Event.ofText("" + i)));
          if (i == events / 2) {
            collector.close();
            collector = started(sourceType, store.port(), more);
          }
        }
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      }
      List<String> all = IntStream.range(0, events).mapToObj(Integer::toString).toList();
      await().atMost(SOON).until(() -> store.received().size() >= events);
      await().atMost(SOON).untilAsserted(() -> assertThat(store.bodies()).containsAll(all));
      collector.close();
    }
  }

  @Test
  void aCollectorThatIsFullIsAskedAgainUntilThereIsRoom() {
    String channel =
        "c.channels.c1.type = memory\nc.channels.c1.capacity = 100\n"
            + "c.channels.c1.transactionCapacity = 100\nc.channels.c1.keep-alive = 0";
    try (ToyServer store = ToyServer.absent();
        Agent collector = started(store.port(), channel);
        EventClient client = client()) {
      List<CompletableFuture<Void>> sent = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        sent.add(client.send(Event.ofText("" + i)));
      }
      await().atMost(SOON).until(() -> client.statistics().retried() > 0);
      assertThat(client.statistics().acknowledged()).isLessThanOrEqualTo(100);
      store.start();
      assertThat(CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)))
          .succeedsWithin(SOON);
      await().atMost(SOON).until(() -> store.received().size() == 300);
      assertThat(store.bodies()).doesNotHaveDuplicates();
      assertThat(collector.name()).isEqualTo("c");
    }
  }
}
