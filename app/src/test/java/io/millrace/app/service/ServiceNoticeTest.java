/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.service;

import static io.millrace.app.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real datagram socket, as systemd's own is one. */
class ServiceNoticeTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final AtomicReference<Duration> sinceTurn = new AtomicReference<>(Duration.ZERO);
  private final AtomicReference<String> status = new AtomicReference<>("running");
  private final Map<String, String> environment = new HashMap<>();
  private NotifyReceiver manager;

  @BeforeEach
  void listen() throws Exception {
    Path path = directory.resolve("notify");
    manager = NotifyReceiver.listenOn(path.toString());
    environment.put("NOTIFY_SOCKET", path.toString());
  }

  @AfterEach
  void close() throws Exception {
    manager.close();
  }

  private ServiceNotice open() {
    return ServiceNotice.open(environment, sinceTurn::get, status::get).orElseThrow();
  }

  private List<String> received() throws IOException {
    return manager.received();
  }

  @Test
  void theManagerIsToldOfTheStartTheReloadAndTheStop() throws Exception {
    try (ServiceNotice notice = open()) {
      notice.ready();
      notice.applying();
      notice.done();
      notice.stopping();
    }
    assertThat(received()).hasSize(4);
    assertThat(received().get(0)).isEqualTo("READY=1\nSTATUS=running");
    assertThat(received().get(1)).startsWith("RELOADING=1\nMONOTONIC_USEC=");
    assertThat(received().get(2)).startsWith("READY=1\n");
    assertThat(received().get(3)).startsWith("STOPPING=1\n");
  }

  @Test
  void signsOfLifeComeWhileTheAgentTurnsAndOnlyThen() throws Exception {
    environment.put("WATCHDOG_USEC", "400000");
    environment.put("WATCHDOG_PID", String.valueOf(ProcessHandle.current().pid()));
    try (ServiceNotice notice = open()) {
      notice.ready();
      await().until(() -> received().contains("WATCHDOG=1"));
      sinceTurn.set(Duration.ofSeconds(5));
      status.set("running in part");
      await().until(() -> received().contains("STATUS=running in part"));
      received().clear();
      // The line of status is looked at in the same turns as the signs of life.
      status.set("still in part");
      await().until(() -> received().contains("STATUS=still in part"));
      assertThat(received()).doesNotContain("WATCHDOG=1");
      sinceTurn.set(Duration.ZERO);
      await().until(() -> received().contains("WATCHDOG=1"));
    }
  }

  @Test
  void theWatchdogOfAnotherProcessIsNotFed() throws Exception {
    environment.put("WATCHDOG_USEC", "100000");
    environment.put("WATCHDOG_PID", "1");
    try (ServiceNotice notice = open()) {
      notice.ready();
      status.set("changed");
      await().until(() -> received().contains("STATUS=changed"));
      assertThat(received()).doesNotContain("WATCHDOG=1");
    }
  }

  @Test
  void abstractSocketsAreReachedToo() throws Exception {
    String name = "millrace-test-" + ProcessHandle.current().pid();
    environment.put("NOTIFY_SOCKET", "@" + name);
    try (NotifyReceiver abstractManager = NotifyReceiver.listenOn("\0" + name);
        ServiceNotice notice = open()) {
      notice.ready();
      assertThat(abstractManager.received()).hasSize(1);
    }
  }

  @Test
  void withoutAManagerThereIsNobodyToTell() {
    assertThat(ServiceNotice.open(Map.of(), sinceTurn::get, status::get)).isEmpty();
    assertThat(
            ServiceNotice.open(Map.of("NOTIFY_SOCKET", "vsock:2:1"), sinceTurn::get, status::get))
        .isEmpty();
  }

  @Test
  void aManagerThatIsGoneHurtsNobody() throws Exception {
    try (ServiceNotice notice = open()) {
      Files.delete(Path.of(environment.get("NOTIFY_SOCKET")));
      notice.ready();
      notice.stopping();
    }
    assertThat(received()).isEmpty();
  }

  /** The whole agent, from its start to its stop. */
  @Test
  void anAgentOfAServiceManagerTellsItAllAlong() throws Exception {
    Path conf =
        Files.writeString(
            directory.resolve("a1.conf"),
            """
            a1.channels = c1
            a1.sinks = k1
            a1.channels.c1.type = memory
            a1.sinks.k1.type = null
            a1.sinks.k1.channel = c1
            """);
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.millrace.app.Millrace",
            "agent",
            "-n",
            "a1",
            "-f",
            conf.toString());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    builder.environment().putAll(environment);
    builder.environment().put("WATCHDOG_USEC", "1000000");
    Process agent = builder.start();
    try {
      await().atMost(LIMIT).until(() -> received().contains("READY=1\nSTATUS=running"));
      await().atMost(LIMIT).until(() -> received().contains("WATCHDOG=1"));
      agent.destroy();
      assertThat(agent.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(received()).last().asString().startsWith("STOPPING=1\n");
    } finally {
      agent.destroyForcibly();
    }
  }
}
