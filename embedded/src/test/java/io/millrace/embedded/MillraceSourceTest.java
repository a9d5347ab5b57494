/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.client.Event;
import io.millrace.client.EventClient;
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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client and a real agent of Millrace: avro source, channel, avro sink. */
class MillraceSourceTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final int port = ToyServer.freePort();

  private Agent started(int storePort, String channel) {
    String text =
        """
        c.sources = r1
        c.channels = c1
        c.sinks = k1
        c.sources.r1.type = avro
        c.sources.r1.bind = 127.0.0.1
        c.sources.r1.port = %d
        c.sources.r1.channels = c1
        c.sinks.k1.type = avro
        c.sinks.k1.hostname = 127.0.0.1
        c.sinks.k1.port = %d
        c.sinks.k1.channel = c1
        %s
        """
            .formatted(port, storePort, channel);
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

  // The collector is stopped and started again under load: what it acknowledged, its file channel
  // has, and the store gets.
  @Test
  void nothingAcknowledgedIsLostWhenTheCollectorIsRestarted() throws Exception {
    int events = 4000;
    String channel =
        "c.channels.c1.type = file\nc.channels.c1.checkpointDir = "
            + directory.resolve("checkpoint")
            + "\nc.channels.c1.dataDirs = "
            + directory.resolve("data");
    try (ToyServer store = ToyServer.started()) {
      Agent collector = started(store.port(), channel);
      try (EventClient client = client()) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (int i = 0; i < events; i++) {
          sent.add(client.send(Event.ofText("" + i)));
          if (i == events / 2) {
            collector.close();
            collector = started(store.port(), channel);
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
