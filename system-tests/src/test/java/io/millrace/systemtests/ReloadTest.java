/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Promise 10: a reload is all or nothing; a broken file changes nothing, and its repair is always
 * picked up. Nothing is lost or duplicated by a reload under load, and what did not change is not
 * touched.
 */
final class ReloadTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int CLIENTS = 2;
  private static final int LINES_AT_ONCE = 20;

  @RegisterExtension final Scene scene = new Scene();

  private final int port = Ports.free();
  private final List<NetcatClient> clients = Collections.synchronizedList(new ArrayList<>());
  private final AtomicBoolean isOver = new AtomicBoolean();
  private int applied;

  /**
   * What changes from one revision of the configuration to the next.
   *
   * @param otherPort of the source that clients do not use
   */
  private record Revision(
      int otherPort, int rollSeconds, String interceptors, String channel, boolean hasCopy) {
    String text(int port, Path state, Path store) {
      return """
          a1.sources = lines other
          a1.channels = disk %s
          a1.sinks = store %s

          a1.sources.lines.type = netcat
          a1.sources.lines.bind = 127.0.0.1
          a1.sources.lines.port = %d
          a1.sources.lines.channels = disk %s
          %s
          a1.sources.other.type = netcat
          a1.sources.other.bind = 127.0.0.1
          a1.sources.other.port = %d
          a1.sources.other.channels = disk
          %s
          %s
          a1.sinks.store.type = file_roll
          a1.sinks.store.sink.directory = %s
          a1.sinks.store.sink.rollInterval = %d
          a1.sinks.store.channel = disk
          %s
          """
          .formatted(
              hasCopy ? "copy" : "",
              hasCopy ? "nowhere" : "",
              port,
              hasCopy ? "copy" : "",
              interceptors,
              otherPort,
              Confs.fileChannel("disk", state),
              channel,
              store,
              rollSeconds,
              hasCopy
                  ? """
                    a1.channels.copy.type = memory
                    a1.channels.copy.capacity = 10000
                    a1.sinks.nowhere.type = null
                    a1.sinks.nowhere.channel = copy
                    """
                  : "");
    }
  }

  private static String marking(String value) {
    return """
        a1.sources.lines.interceptors = mark
        a1.sources.lines.interceptors.mark.type = static
        a1.sources.lines.interceptors.mark.key = revision
        a1.sources.lines.interceptors.mark.value = %s
        """
        .formatted(value);
  }

  private AgentProcess start(Revision first, String... arguments) {
    AgentProcess agent = scene.millrace("agent", text(first), arguments);
    agent.startAndAwait();
    agent.awaitPort(port);
    return agent;
  }

  private String text(Revision revision) {
    return revision.text(port, scene.directory().resolve("channel"), scene.directory("store"));
  }

  private static void write(AgentProcess agent, String text) {
    try {
      // Aside and renamed, as deployment tools do.
      Path aside = Files.writeString(agent.conf().resolveSibling("next"), text);
      Files.move(aside, agent.conf(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitApplied(AgentProcess agent) {
    applied++;
    Conditions.await(
        "change " + applied + " is applied",
        SOON,
        () -> agent.metric("AGENT.a1", "ConfigurationAppliedCount") >= applied);
  }

  private void applyBySignal(AgentProcess agent, Revision next) {
    write(agent, text(next));
    agent.process().hangUp();
    awaitApplied(agent);
  }

  /** Sends until it is over; over a new connection whenever one ends. */
  private void send(String name) throws IOException {
    for (int connection = 1; !isOver.get(); connection++) {
      try (NetcatClient client = new NetcatClient(port, name + "-" + connection)) {
        clients.add(client);
        while (!isOver.get() && client.send(LINES_AT_ONCE)) {
          assertThat(client.sent()).isLessThan(100_000_000);
        }
      }
    }
  }

  private interface Changes {
    void run() throws Exception;
  }

  private void underLoad(Changes changes) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 1; i <= CLIENTS; i++) {
        String name = "client" + i;
        ends.add(
            executor.submit(
                () -> {
                  send(name);
                  return null;
                }));
      }
      Conditions.await("clients send", SOON, () -> acknowledgedLines() > 1_000);
      changes.run();
      isOver.set(true);
      for (Future<?> end : ends) {
        end.get();
      }
    } finally {
      isOver.set(true);
      executor.shutdownNow();
    }
  }

  private int acknowledgedLines() {
    return List.copyOf(clients).stream().mapToInt(NetcatClient::acknowledged).sum();
  }

  private void awaitAllStoredOnce(AgentProcess agent) {
    Set<String> acknowledged = new HashSet<>();
    Set<String> sent = new HashSet<>();
    for (NetcatClient client : clients) {
      for (int number = 1; number <= client.sent(); number++) {
        sent.add(client.line(number));
        if (number <= client.acknowledged()) {
          acknowledged.add(client.line(number));
        }
      }
    }
    Conditions.await(
        "the channel is empty", SOON, () -> agent.metric("CHANNEL.disk", "ChannelSize") == 0);
    agent.stop();
    Store store = Store.of(scene.directory().resolve("store"));
    Audit audit = Audit.of(acknowledged, store);
    Scene.say(
        "reloads %d, connections %d, acknowledged %d, lost %d, duplicates %d"
            .formatted(
                applied, clients.size(), acknowledged.size(), audit.lost(), audit.duplicates()));
    assertThat(audit.lost()).as("acknowledged and not stored: %s", audit).isZero();
    Audit.of(sent, store).assertNothingInvented().assertNothingTwice();
  }

  // Two clients send all the while, over the connections that they opened first. Twelve changes by
  // SIGHUP take the sink, the other source's port, interceptors and a second channel, and a broken
  // file comes in between.
  @Test
  void whatDidNotChangeGoesOnAndEachEventIsStoredOnce() throws Exception {
    Revision first = new Revision(Ports.free(), 60, "", "", false);
    AgentProcess agent = start(first, "--no-reload-conf");
    underLoad(
        () -> {
          for (int round = 1; round <= 3; round++) {
            int otherPort = Ports.free();
            applyBySignal(agent, new Revision(otherPort, 60, "", "", false));
            agent.awaitPort(otherPort);
            applyBySignal(agent, new Revision(otherPort, 60 + round, "", "", false));
            applyBySignal(
                agent, new Revision(otherPort, 60 + round, marking("r" + round), "", true));
            breakAndLookOn(agent);
            applyBySignal(agent, new Revision(otherPort, 30 + round, "", "", false));
          }
        });

    assertThat(clients).as("connections: the source never closed one").hasSize(CLIENTS);
    assertThat(agent.metric("CHANNEL.disk", "EventPutSuccessCount"))
        .as("the channel counts on")
        .isGreaterThanOrEqualTo(acknowledgedLines());
    assertThat(agent.metric("AGENT.a1", "ConfigurationRefusedCount")).isEqualTo(3);
    awaitAllStoredOnce(agent);
    assertThat(applied).isEqualTo(12);
    assertThat(agent.log())
        .contains("source other changes: port", "sink store changes: sink.rollInterval");
  }

  private void breakAndLookOn(AgentProcess agent) {
    long refused = agent.metric("AGENT.a1", "ConfigurationRefusedCount");
    write(agent, "a1.sources = lines\na1.sources.lines.type = netcatt\n");
    agent.process().hangUp();
    Conditions.await(
        "the broken file is refused",
        SOON,
        () -> agent.metric("AGENT.a1", "ConfigurationRefusedCount") > refused);
    assertThat(agent.metric("AGENT.a1", "ConfigurationBroken")).isEqualTo(1);
    int before = acknowledgedLines();
    Conditions.await("events flow on", SOON, () -> acknowledgedLines() > before + LINES_AT_ONCE);
    assertThat(agent.log()).contains("netcatt");
  }

  // The durable channel itself is closed and opened again: clients are refused for that moment.
  @Test
  void aDurableChannelThatChangesKeepsItsEvents() throws Exception {
    Revision first = new Revision(Ports.free(), 60, "", "", false);
    AgentProcess agent = start(first, "--no-reload-conf");
    underLoad(
        () -> {
          for (int capacity = 200_001; capacity <= 200_005; capacity++) {
            String option = "a1.channels.disk.capacity = " + capacity + "\n";
            applyBySignal(agent, new Revision(first.otherPort(), 60, "", option, false));
            int before = acknowledgedLines();
            Conditions.await("events flow", SOON, () -> acknowledgedLines() > before + 200);
          }
        });

    awaitAllStoredOnce(agent);
  }

  @Test
  void aChangedFileIsFoundByLookingAndARepairedOneWhateverItsTime() throws Exception {
    Revision first = new Revision(Ports.free(), 60, "", "", false);
    AgentProcess agent = start(first, "--poll-interval", "1");
    int second = Ports.free();
    write(agent, text(new Revision(second, 60, "", "", false)));
    awaitApplied(agent);
    agent.awaitPort(second);
    assertThat(Ports.isOpen(first.otherPort())).isFalse();

    write(agent, text(first) + "a1.sources.other.port = many\n");
    Conditions.await("the alarm", SOON, () -> agent.metric("AGENT.a1", "ConfigurationBroken") == 1);
    assertThat(Ports.isOpen(second)).isTrue();
    write(agent, text(first));
    Files.setLastModifiedTime(agent.conf(), FileTime.fromMillis(0));
    awaitApplied(agent);
    agent.awaitPort(first.otherPort());
    Conditions.await(
        "the alarm ends", SOON, () -> agent.metric("AGENT.a1", "ConfigurationBroken") == 0);
    agent.stop();
  }

  @Test
  void whoAsksOverHttpIsToldWhatWasChanged() throws Exception {
    Revision first = new Revision(Ports.free(), 60, "", "", false);
    AgentProcess agent = start(first, "--no-reload-conf");
    write(agent, text(new Revision(first.otherPort(), 61, "", "", false)));
    HttpResponse<String> answer = post(agent);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("sink store changes: sink.rollInterval");

    write(agent, "a1.sources = nothing\n");
    answer = post(agent);
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("nothing was changed");
    agent.stop();
  }

  private static HttpResponse<String> post(AgentProcess agent) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + agent.metricsPort() + "/reload");
    HttpRequest request =
        HttpRequest.newBuilder(uri).timeout(SOON).POST(HttpRequest.BodyPublishers.noBody()).build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
