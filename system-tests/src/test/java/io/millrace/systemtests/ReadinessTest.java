/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a load balancer sees of an agent that fills up, and of one that is told to stop. */
final class ReadinessTest {
  private static final int CAPACITY = 100;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration BETWEEN_POLLS = Duration.ofMillis(100);

  @RegisterExtension final Scene scene = new Scene();

  private final int port = Ports.free();

  /** What one poll saw: whether the source took connections, the readiness, and the first again. */
  private record Sight(boolean wasPortOpen, int status, boolean isPortOpen) {}

  /** Polls readiness and the port, as a load balancer does, until it is closed. */
  private final class Poller implements AutoCloseable {
    private final List<Sight> sights = Collections.synchronizedList(new ArrayList<>());
    private final Thread thread;
    private volatile boolean isClosed;

    private Poller(AgentProcess agent) {
      thread =
          new Thread(
              () -> {
                while (!isClosed) {
                  boolean wasPortOpen = Ports.isOpen(port);
                  int status = statusOf(agent.get("/health/ready"));
                  sights.add(new Sight(wasPortOpen, status, Ports.isOpen(port)));
                  pause();
                }
              },
              "poller");
      thread.start();
    }

    private void pause() {
      try {
        Thread.sleep(BETWEEN_POLLS.toMillis());
      } catch (InterruptedException e) {
        isClosed = true;
      }
    }

    @Override
    public void close() throws InterruptedException {
      isClosed = true;
      thread.join(LIMIT.toMillis());
    }
  }

  @Test
  void aFullChannelTakesReadinessAwayAndRoomGivesItBack() throws IOException {
    int collectorPort = Ports.free();
    AgentProcess agent = scene.millrace("agent", edge(collectorPort));
    agent.startAndAwait();
    awaitReady(agent, 200);
    assertThat(agent.get("/health/live").orElseThrow().statusCode()).isEqualTo(200);

    try (NetcatClient client = new NetcatClient(port, "s")) {
      while (client.send(10)) {
        assertThat(client.sent()).isLessThanOrEqualTo(10 * CAPACITY);
      }
    }
    awaitReady(agent, 503);
    assertThat(agent.get("/health/ready").orElseThrow().body()).contains("channel c1: it is full");
    assertThat(agent.get("/health/ready?source=nobody").orElseThrow().statusCode()).isEqualTo(503);
    assertThat(agent.get("/health/live").orElseThrow().statusCode()).isEqualTo(200);
    assertThat(agent.get("/health").orElseThrow().body())
        .contains("\"fillPercent\" : 100.0", "\"accepts\" : false", "\"type\" : \"netcat\"");

    AgentProcess collector =
        scene.millrace(
            "collector",
            Confs.collector(collectorPort, scene.directory("state"), scene.directory("store")));
    collector.startAndAwait();
    awaitReady(agent, 200);
    agent.stop();
    collector.stop();
  }

  /** Goal: as seen from outside, "not ready" comes before the first refused connection. */
  @Test
  void onTheStopSignalTheAgentIsNotReadyBeforeItsPortCloses() throws Exception {
    AgentProcess agent = scene.millrace("agent", edge(Ports.free()));
    agent.startAndAwait();
    awaitReady(agent, 200);
    List<Sight> sights;
    try (Poller poller = new Poller(agent)) {
      Conditions.await("it is polled", LIMIT, () -> poller.sights.size() >= 5);
      agent.stop();
      Conditions.await("the port is closed", LIMIT, () -> !last(poller.sights).isPortOpen());
      sights = List.copyOf(poller.sights);
    }
    List<Sight> warned =
        sights.stream().filter(sight -> sight.status == 404 && sight.isPortOpen).toList();
    assertThat(warned)
        .as("polls that say no while the port is open: %s", sights)
        .hasSizeGreaterThanOrEqualTo(2);
    assertThat(sights.stream().filter(sight -> sight.status == 200 && !sight.wasPortOpen))
        .as("polls that say yes while the port is closed: %s", sights)
        .isEmpty();
    assertThat(agent.log()).contains("for load balancers to turn elsewhere");
  }

  @Test
  void aSecondSignalEndsTheWaitForLoadBalancers() {
    AgentProcess agent = scene.millrace("agent", edge(Ports.free()), "-Dmillrace.drain.delay=600s");
    agent.startAndAwait();
    awaitReady(agent, 200);

    signal(agent);
    awaitReady(agent, 404);
    assertThat(agent.get("/health/ready").orElseThrow().body()).contains("told to stop");
    assertThat(Ports.isOpen(port)).isTrue();
    signal(agent);

    OptionalInt status = agent.process().awaitExit(LIMIT);
    assertThat(status).hasValue(0);
  }

  private void signal(AgentProcess agent) {
    Tool.need(scene.directory(), "kill", "-TERM", Long.toString(agent.process().pid()));
  }

  private static Sight last(List<Sight> sights) {
    return sights.get(sights.size() - 1);
  }

  private static void awaitReady(AgentProcess agent, int status) {
    Conditions.await(
        agent.name() + " answers " + status + " to /health/ready",
        LIMIT,
        () -> statusOf(agent.get("/health/ready")) == status);
  }

  private static int statusOf(Optional<HttpResponse<String>> answer) {
    return answer.map(HttpResponse::statusCode).orElse(0);
  }

  private String edge(int collectorPort) {
    return """
        a1.sources = lines
        a1.channels = c1
        a1.sinks = uplink
        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.channels = c1
        a1.channels.c1.type = file
        a1.channels.c1.checkpointDir = %s/checkpoint
        a1.channels.c1.dataDirs = %s/data
        a1.channels.c1.capacity = %d
        a1.channels.c1.transactionCapacity = 100
        a1.channels.c1.keep-alive = 0
        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.channel = c1
        """
        .formatted(port, scene.directory(), scene.directory(), CAPACITY, collectorPort);
  }
}
