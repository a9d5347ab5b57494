/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What is missing or unusable outside the configuration costs only the part that needs it, is said,
 * and is used once it is there. Promise 12: nothing is silent.
 */
final class MissingThingsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void directoriesThatComeLaterAreUsedOnceTheyAreThere() throws IOException {
    Path logs = scene.directory().resolve("later").resolve("logs");
    Path store = scene.directory().resolve("later").resolve("store");
    AgentProcess agent = scene.millrace("agent", tail(logs, store));
    agent.startAndAwaitMetrics();
    agent.awaitLog(logs.toString());
    agent.awaitLog(store.toString());

    Files.createDirectories(logs);
    Ledger ledger = new Ledger();
    LogWriter writer = new LogWriter(ledger, "app", logs.resolve("app.log"));
    writer.append(500);
    Files.createDirectories(store);

    Audit.awaitAllStored(ledger, store, LIMIT);
    agent.stop();
    Audit.of(ledger, Store.of(store)).assertExactlyOnce();
  }

  @Test
  void portInUseIsNamedAndListenedOnOnceItIsFree() throws IOException {
    Path store = scene.directory("store");
    AgentProcess agent;
    int port;
    try (ServerSocket holder = Ports.listenOn(Ports.free())) {
      port = holder.getLocalPort();
      agent = scene.millrace("agent", netcat(port, store));
      agent.startAndAwaitMetrics();
      agent.awaitLog(Integer.toString(port));
    }
    agent.awaitPort(port);
    try (NetcatClient client = new NetcatClient(port, "client")) {
      assertThat(client.send(10)).as("all lines acknowledged").isTrue();
    }
    agent.stop();

    assertThat(Store.of(store).lineCount()).isEqualTo(10);
  }

  // Among the files that match: a directory, a link to nothing, a link to itself, a pipe that
  // nobody
  // writes to, and (unless we are root, whom no mode stops) a file that must not be read.
  @Test
  void whatCannotBeReadDoesNotHoldUpTheOtherLogs() throws IOException {
    Path logs = scene.directory("logs");
    Path store = scene.directory("store");
    Files.createDirectory(logs.resolve("a-directory.log"));
    Files.createSymbolicLink(logs.resolve("a-dangling-link.log"), logs.resolve("nowhere"));
    Files.createSymbolicLink(logs.resolve("a-loop.log"), logs.resolve("a-loop.log"));
    Path pipe = logs.resolve("a-pipe.log");
    assertThat(
            Command.run("mkfifo", scene.directory(), LIMIT, List.of("mkfifo", pipe.toString()))
                .status())
        .isZero();
    Path forbidden = Files.writeString(logs.resolve("a-secret.log"), "");
    Files.setPosixFilePermissions(forbidden, java.util.Set.of());
    Ledger ledger = new Ledger();
    LogWriter writer = new LogWriter(ledger, "app", logs.resolve("good.log"));
    writer.append(300);
    AgentProcess agent = scene.millrace("agent", tail(logs, store));
    agent.startAndAwait();

    Audit.awaitAllStored(ledger, store, LIMIT);
    writer.append(300);
    Audit.awaitAllStored(ledger, store, LIMIT);
    agent.stop();

    Audit.of(ledger, Store.of(store)).assertExactlyOnce();
  }

  // Promise 9: no event is accepted that a sink cannot pass on; the rest goes on.
  @Test
  void veryLongLineIsCutAndTheOthersComeWhole() throws IOException {
    Path logs = scene.directory("logs");
    Path store = scene.directory("store");
    Ledger ledger = new Ledger();
    Path log = logs.resolve("app.log");
    LogWriter writer = new LogWriter(ledger, "app", log);
    writer.append(100);
    Files.writeString(
        log, "x".repeat(5 << 20) + "\n", StandardCharsets.US_ASCII, StandardOpenOption.APPEND);
    writer.append(100);
    AgentProcess agent = scene.millrace("agent", tail(logs, store));
    agent.startAndAwait();
    Conditions.await(
        "the long line and all others are stored",
        LIMIT,
        () -> Store.of(store).distinctLineCount() > ledger.lineCount());
    agent.stop();

    Store stored = Store.of(store);
    List<String> others = stored.lines().keySet().stream().filter(l -> l.matches("x+")).toList();
    assertThat(others).hasSize(1);
    assertThat(others.get(0).length()).isLessThanOrEqualTo(1 << 20);
    assertThat(Audit.of(ledger, stored).lost()).isZero();
    assertThat(agent.log()).as("the cut is said").contains(log.toString());
  }

  private String tail(Path logs, Path store) {
    return """
        a1.sources = tail
        a1.channels = memory
        a1.sinks = store
        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s/.*\\\\.log
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.channels = memory
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        %s
        a1.sinks.store.channel = memory
        """
        .formatted(logs, scene.directory(), Confs.fileRoll("store", store));
  }

  private static String netcat(int port, Path store) {
    return """
        a1.sources = lines
        a1.channels = memory
        a1.sinks = store
        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.channels = memory
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        %s
        a1.sinks.store.channel = memory
        """
        .formatted(port, Confs.fileRoll("store", store));
  }
}
