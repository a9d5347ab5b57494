/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A channel selector that somebody else wrote, on the class path and as a plug-in. */
final class CustomSelectorTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int MESSAGES = 300;

  /** Sends what is as severe as {@code limit} to one channel, the rest to others, debug nowhere. */
  private static final String SOURCE =
      """
      package com.example;

      import io.millrace.api.*;
      import java.util.ArrayList;
      import java.util.List;

      @Component(
          kind = ComponentKind.SELECTOR, name = "by-severity",
          flumeClasses = "com.example.BySeverity", summary = "Tells severe messages from others.")
      public record BySeverity(
          @Option(doc = "Channel of severe messages.", required = true) String severe,
          @Option(doc = "Highest severity that is severe.", def = "3") int limit)
          implements SelectorOptions {
        public static final class Catalog implements ComponentCatalog {
          @Override public List<Class<? extends ComponentOptions>> components() {
            return List.of(BySeverity.class);
          }
        }

        @Override public Selector build(List<String> channels) {
          if (!channels.contains(severe)) {
            throw new ConfigurationException("severe", severe + " is no channel of the source");
          }
          List<String> others = channels.stream().filter(each -> !each.equals(severe)).toList();
          Selector.Targets toSevere = new Selector.Targets(List.of(severe), List.of());
          Selector.Targets toOthers = new Selector.Targets(others, List.of());
          Selector.Targets nowhere = new Selector.Targets(List.of(), List.of());
          return batch -> {
            List<Selector.Route> routes = new ArrayList<>();
            EventBatch.Builder first = EventBatch.builder();
            EventBatch.Builder second = EventBatch.builder();
            EventBatch.Builder third = EventBatch.builder();
            for (EventView event : batch) {
              int severity = Integer.parseInt(event.header("Severity"));
              (severity <= limit ? first : severity < 7 ? second : third).add(event);
            }
            routes.add(new Selector.Route(first.build(), toSevere));
            routes.add(new Selector.Route(second.build(), toOthers));
            routes.add(new Selector.Route(third.build(), nowhere));
            return routes;
          };
        }
      }
      """;

  private static final String INDEX = "selector\tby-severity\tcom.example.BySeverity\n";

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void onTheClassPathItDecidesWhereEachEventGoes() throws IOException {
    Path jar = scene.directory("jars").resolve("by-severity.jar");
    PluginJar.write(scene.directory("compiled"), jar, "BySeverity", SOURCE, INDEX);
    assertEachEventGoesItsWay("com.example.BySeverity", "--classpath", jar.toString());
  }

  @Test
  void asAPlugInItDecidesWhereEachEventGoes() throws IOException {
    Path plugins = scene.directory("plugins");
    Path jar = scene.directory("plugins/mine/lib").resolve("by-severity.jar");
    PluginJar.write(scene.directory("compiled"), jar, "BySeverity", SOURCE, INDEX);
    assertEachEventGoesItsWay("by-severity", "--plugins-path", plugins.toString());
  }

  @Test
  void whatItRefusesOfItsOptionsKeepsTheAgentFromStarting() throws IOException {
    Path jar = scene.directory("jars").resolve("by-severity.jar");
    PluginJar.write(scene.directory("compiled"), jar, "BySeverity", SOURCE, INDEX);
    AgentProcess agent =
        scene
            .millrace(
                "agent",
                conf(Ports.free(), "com.example.BySeverity").replace("severe = c1", "severe = c9"),
                "--classpath",
                jar.toString())
            .start();
    Conditions.await("the agent has ended", LIMIT, () -> !agent.isAlive());
    assertThat(agent.log()).contains("c9 is no channel of the source");
  }

  private void assertEachEventGoesItsWay(String type, String... arguments) throws IOException {
    int port = Ports.free();
    AgentProcess agent = scene.millrace("agent", conf(port, type), arguments).startAndAwait();
    String messages =
        IntStream.range(0, MESSAGES)
            .mapToObj(i -> "<%d>Nov 23 05:09:19 host m%d\n".formatted(8 + i % 8, i))
            .collect(Collectors.joining());
    try (Socket socket = Ports.connect(port)) {
      socket.getOutputStream().write(messages.getBytes(StandardCharsets.US_ASCII));
    }
    int nowhere = (int) IntStream.range(0, MESSAGES).filter(i -> i % 8 == 7).count();
    Conditions.await(
        "every event has gone its way",
        LIMIT,
        () ->
            agent.metric("SINK.k1", "EventDrainSuccessCount")
                    + agent.metric("SINK.k2", "EventDrainSuccessCount")
                    + agent.metric("SOURCE.r1", "EventUnroutedCount")
                == MESSAGES);
    assertThat(agent.metric("SOURCE.r1", "EventUnroutedCount")).isEqualTo(nowhere);
    agent.stop();
    assertThat(Store.of(scene.directory("k1")).lines().keySet())
        .isEqualTo(
            IntStream.range(0, MESSAGES)
                .filter(i -> i % 8 <= 4)
                .mapToObj(i -> "m" + i)
                .collect(Collectors.toSet()));
    assertThat(Store.of(scene.directory("k2")).lines().keySet())
        .isEqualTo(
            IntStream.range(0, MESSAGES)
                .filter(i -> i % 8 == 5 || i % 8 == 6)
                .mapToObj(i -> "m" + i)
                .collect(Collectors.toSet()));
  }

  private String conf(int port, String type) {
    return """
        a1.sources = r1
        a1.channels = c1 c2
        a1.sinks = k1 k2
        a1.sources.r1.type = syslogtcp
        a1.sources.r1.host = 127.0.0.1
        a1.sources.r1.port = %d
        a1.sources.r1.channels = c1 c2
        a1.sources.r1.selector.type = %s
        a1.sources.r1.selector.severe = c1
        a1.sources.r1.selector.limit = 4
        a1.channels.c1.type = memory
        a1.channels.c2.type = memory
        a1.channels.c1.capacity = 1000
        a1.channels.c2.capacity = 1000
        %s
        a1.sinks.k1.channel = c1
        %s
        a1.sinks.k2.channel = c2
        """
        .formatted(
            port,
            type,
            Confs.fileRoll("k1", scene.directory("k1")),
            Confs.fileRoll("k2", scene.directory("k2")));
  }
}
