/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.LoadBalancer;
import io.millrace.systemtests.Ports;
import io.millrace.systemtests.Scene;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Flume's own client in front of the packaged configuration of HAProxy. It has no option that
 * spreads its connections: the sources end old ones.
 */
@Tag("long")
final class FlumeBehindHaproxyTest {
  private static final int BATCH = 20;
  private static final int MAX_AGE_SECONDS = 2;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  private final List<Integer> ports = new ArrayList<>();
  private final List<AgentProcess> collectors = new ArrayList<>();
  private int sent;
  private int repeatedBatches;

  @Test
  void itsEventsArriveThroughADeathAndReachACollectorThatJoins() throws Exception {
    for (int i = 1; i <= 2; i++) {
      ports.add(Ports.free());
      collectors.add(scene.millrace("collector" + i, collector(i)));
    }
    collectors.get(0).startAndAwait();
    try (LoadBalancer balancer = LoadBalancer.start(scene, ports, collectors)) {
      balancer.awaitUp(1);
      PeerJars jars = PeerJars.sdk();
      EventSender client = open(jars, balancer.port());
      client = sendUntil(jars, client, balancer, () -> accepted(1) > 20);
      collectors.get(1).startAndAwait();
      balancer.awaitUp(2);
      // Ended at that age, its connection goes to either; the other one has none.
      client = sendUntil(jars, client, balancer, () -> accepted(2) > 20);
      collectors.get(1).kill();
      long before = accepted(1);
      client = sendUntil(jars, client, balancer, () -> accepted(1) > before + 20);
      collectors.get(1).startAndAwait();
      client.close();
      Conditions.await(
          "every line is stored", LIMIT, Duration.ofMillis(250), () -> stored().size() >= sent);
    }
    Map<String, Integer> stored = stored();
    int duplicates = stored.values().stream().mapToInt(count -> count - 1).sum();
    Scene.say(
        "Flume's client: %d lines, %d batches sent again, %d duplicates"
            .formatted(sent, repeatedBatches, duplicates));
    assertThat(stored.keySet())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, sent).mapToObj(number -> "line " + number).toList());
    assertThat(duplicates).isLessThanOrEqualTo(BATCH);
  }

  private interface Condition {
    boolean holds();
  }

  /**
   * Sends new batches; one that is not acknowledged again, with a new client, as Flume's sink does.
   */
  private EventSender sendUntil(
      PeerJars jars, EventSender first, LoadBalancer balancer, Condition isEnough)
      throws Exception {
    EventSender client = first;
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!isEnough.holds()) {
      assertThat(System.nanoTime()).as("time").isLessThan(deadline);
      for (int i = 0; i < 50; i++) {
        List<TestEvent> batch =
            IntStream.range(sent, sent + BATCH)
                .mapToObj(number -> TestEvent.ofText(Map.of(), "line " + number))
                .toList();
        try {
          client.send(batch);
          sent += BATCH;
        } catch (Exception e) {
          repeatedBatches++;
          client.close();
          client = open(jars, balancer.port());
        }
      }
    }
    return client;
  }

  private static EventSender open(PeerJars jars, int port) throws Exception {
    Map<String, String> properties = new HashMap<>();
    properties.put("hosts", "h1");
    properties.put("hosts.h1", "127.0.0.1:" + port);
    properties.put("batch-size", Integer.toString(BATCH));
    return jars.open("SdkSender", properties);
  }

  private long accepted(int collector) {
    AgentProcess agent = collectors.get(collector - 1);
    return agent.metric("SOURCE.in", "AppendBatchAcceptedCount");
  }

  private String collector(int number) {
    Path state = scene.directory("collector" + number);
    return """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store
        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %1$d
        a1.sources.in.proxy-protocol = required
        a1.sources.in.proxy-protocol-from = 127.0.0.1
        a1.sources.in.max-connection-age = %2$d
        a1.sources.in.channels = disk
        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %3$s/checkpoint
        a1.channels.disk.dataDirs = %3$s/data
        a1.sinks.store.type = file_roll
        a1.sinks.store.sink.directory = %4$s
        a1.sinks.store.channel = disk
        """
        .formatted(ports.get(number - 1), MAX_AGE_SECONDS, state, store(number));
  }

  private Path store(int number) {
    return scene.directory("store" + number);
  }

  private Map<String, Integer> stored() {
    Map<String, Integer> lines = new HashMap<>();
    for (int i = 1; i <= 2; i++) {
      try (Stream<Path> files = Files.list(store(i))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          for (String line : Files.readString(file, StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty()) {
              lines.merge(line, 1, Integer::sum);
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException("Store " + store(i), e);
      }
    }
    return lines;
  }
}
