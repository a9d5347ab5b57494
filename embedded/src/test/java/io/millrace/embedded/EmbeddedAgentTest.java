/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.TransientException;
import io.millrace.client.Event;
import io.millrace.client.ToyServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmbeddedAgentTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path directory;

  private static Map<String, String> memory(int port) {
    Map<String, String> properties = new HashMap<>();
    properties.put("channel.type", "memory");
    properties.put("channel.capacity", "200");
    properties.put("sinks", "k1");
    properties.put("k1.type", "avro");
    properties.put("k1.hostname", "127.0.0.1");
    properties.put("k1.port", "" + port);
    properties.put("processor.type", "default");
    return properties;
  }

  private Map<String, String> file(int port) {
    Map<String, String> properties = memory(port);
    properties.remove("channel.capacity");
    properties.put("channel.type", "file");
    properties.put("channel.checkpointDir", directory.resolve("checkpoint").toString());
    properties.put("channel.dataDirs", directory.resolve("data").toString());
    return properties;
  }

  @Test
  void whatIsPutArrivesAndInterceptorsSeeIt() throws Exception {
    try (ToyServer server = ToyServer.started();
        EmbeddedAgent agent = new EmbeddedAgent("my agent.1")) {
      Map<String, String> properties = memory(server.port());
      properties.put("source.interceptors", "mark");
      properties.put("source.interceptors.mark.type", "static");
      properties.put("source.interceptors.mark.key", "from");
      properties.put("source.interceptors.mark.value", "shop = ü:1");
      agent.configure(properties);
      agent.start();
      agent.put(Event.ofText(Map.of("k", "v"), "one"));
      agent.putAll(List.of(Event.ofText("two"), Event.ofText("three")));
      agent.putAll(List.of());
      await().atMost(SOON).until(() -> server.received().size() == 3);
      assertThat(server.bodies()).containsExactly("one", "two", "three");
      assertThat(server.received().get(0).headers())
          .containsOnly(Map.entry("k", "v"), Map.entry("from", "shop = ü:1"));
      assertThat(agent.stop()).isTrue();
    }
  }

  @Test
  void aMemoryChannelDrainsAtTheStopAndAFullOneRefuses() throws Exception {
    try (ToyServer server = ToyServer.absent();
        EmbeddedAgent agent = new EmbeddedAgent("full")) {
      Map<String, String> properties = memory(server.port());
      properties.put("channel.keep-alive", "0");
      properties.put("channel.transactionCapacity", "100");
      agent.configure(properties);
      agent.start();
      for (int i = 0; i < 200; i++) {
        agent.put(Event.ofText("" + i));
      }
      assertThatThrownBy(() -> agent.put(Event.ofText("too many")))
          .isInstanceOf(ChannelFullException.class);
      server.start();
      assertThat(agent.stop()).isTrue();
      // The server came up between two calls in flight: the later one may have been let in first.
      assertThat(server.bodies())
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 200).mapToObj(Integer::toString).toList());
    }
  }

  // What a file channel has taken outlives the agent: the next one sends it.
  @Test
  void aFileChannelKeepsWhatCouldNotBeSent() throws Exception {
    try (ToyServer server = ToyServer.absent()) {
      EmbeddedAgent first = new EmbeddedAgent("durable");
      first.configure(file(server.port()));
      first.start();
      first.putAll(List.of(Event.ofText("a"), Event.ofText("b")));
      assertThat(first.stop(Duration.ofSeconds(60))).isTrue();
      assertThat(server.received()).isEmpty();

      server.start();
      // The same agent again, as a restart of the application would have it.
      first.start();
      await().atMost(SOON).until(() -> server.bodies().equals(List.of("a", "b")));
      first.put(Event.ofText("c"));
      await().atMost(SOON).until(() -> server.bodies().equals(List.of("a", "b", "c")));
      first.close();
      first.close();
    }
  }

  @Test
  void aChannelThatCannotStartIsSaidByTheStart() throws Exception {
    Files.writeString(directory.resolve("data"), "a file where a directory should be");
    try (EmbeddedAgent agent = new EmbeddedAgent("broken")) {
      agent.configure(file(ToyServer.absent().port()));
      assertThatThrownBy(agent::start)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("CHANNEL.channel-broken cannot start")
          .hasMessageContaining("The agent was stopped");
      assertThatThrownBy(() -> agent.put(Event.ofText("a")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("does not run");
    }
  }

  @Test
  void stepsInTheWrongOrderAreRefused() {
    try (EmbeddedAgent agent = new EmbeddedAgent("order")) {
      assertThatThrownBy(agent::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is not configured");
      agent.stop();
      agent.configure(memory(ToyServer.absent().port()));
      agent.start();
      assertThatThrownBy(agent::start).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> agent.configure(Map.of()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is running");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "channel.type | jdbc | channel.type: 'jdbc' cannot be part of an embedded agent",
        "channel.type | '' | channel.type is required and not set (expected: memory, file)",
        "sinks | '' | sinks is required and not set",
        "sinks | k1 source | 'source' cannot be the name of a sink",
        "k1.type | hdfs | k1.type: 'hdfs' cannot be part of an embedded agent (expected: avro)",
        "processor.type | '' | processor.type is required and not set",
        "processor.type | best | processor.type: 'best' cannot be",
        "source.type | seq | source.type: 'seq' cannot be",
        "source.channels | c2 | source.channels cannot be set",
        "sink.k1.port | 1 | sink.k1.port belongs to nothing",
        "k1.port | many | k1.port: ",
        "k1.hostname | '' | k1.hostname: ",
      })
  void whatCannotBeIsRefusedInTheWordsOfTheApplication(String key, String value, String message) {
    Map<String, String> properties = memory(4141);
    properties.put(key, value);
    assertThatThrownBy(() -> new EmbeddedAgent("a 1").configure(properties))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("Embedded agent a 1: ")
        .hasMessageContaining(message)
        .hasMessageEndingWith("It was not configured.");
  }

  private static Map<String, String> two(ToyServer first, ToyServer second, String processor) {
    Map<String, String> properties = memory(first.port());
    properties.put("channel.capacity", "10000");
    properties.put("sinks", "k1 k2");
    properties.put("k2.type", "avro");
    properties.put("k2.hostname", "127.0.0.1");
    properties.put("k2.port", "" + second.port());
    properties.put("processor.type", processor);
    return properties;
  }

  // Whatever the engine says of sink groups reaches the application in its own words.
  @Test
  void aGroupThatCannotBeIsRefusedByTheConfiguration() {
    Map<String, String> properties = two(ToyServer.absent(), ToyServer.absent(), "default");
    assertThatThrownBy(() -> new EmbeddedAgent("group").configure(properties))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("processor.type: 'default' takes one sink (given: 2)");
    properties.put("processor.type", "failover");
    properties.put("processor.priority.k1", "5");
    properties.put("processor.priority.k2", "5");
    assertThatThrownBy(() -> new EmbeddedAgent("group").configure(properties))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("processor.priority.k2: priority 5 is that of 'k1' as well");
  }

  @Test
  void aFailoverGroupSendsToTheNextServerAndReturnsToTheFirst() throws Exception {
    try (ToyServer first = ToyServer.absent();
        ToyServer second = ToyServer.started();
        EmbeddedAgent agent = new EmbeddedAgent("failover")) {
      Map<String, String> properties = two(second, first, "failover");
      properties.put("processor.priority.k1", "5");
      properties.put("processor.priority.k2", "10");
      properties.put("processor.maxpenalty", "100");
      agent.configure(properties);
      agent.start();
      agent.putAll(List.of(Event.ofText("a"), Event.ofText("b")));
      await().atMost(SOON).until(() -> second.bodies().equals(List.of("a", "b")));
      first.start();
      await()
          .atMost(SOON)
          .until(
              () -> {
                agent.put(Event.ofText("c"));
                return !first.received().isEmpty();
              });
      assertThat(agent.stop()).isTrue();
    }
  }

  @Test
  void aBalancedGroupSendsToAllServersThatWork() throws Exception {
    try (ToyServer first = ToyServer.started();
        ToyServer second = ToyServer.started();
        EmbeddedAgent agent = new EmbeddedAgent("balance")) {
      agent.configure(two(first, second, "load_balance"));
      agent.start();
      AtomicInteger put = new AtomicInteger();
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                agent.put(Event.ofText("" + put.getAndIncrement()));
                return !first.received().isEmpty() && !second.received().isEmpty();
              });
      await()
          .atMost(SOON)
          .until(() -> first.received().size() + second.received().size() == put.get());
      assertThat(agent.stop()).isTrue();
    }
  }
}
