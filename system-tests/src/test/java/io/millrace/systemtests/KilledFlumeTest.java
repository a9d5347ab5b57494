/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Compatibility: a Millrace agent is pointed at the file channel of a real Apache Flume 1.11 that
 * was killed under load, with the same configuration but for its sink.
 */
final class KilledFlumeTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  /** What Flume holds at least when it is killed. */
  private static final int BACKLOG = 6_000;

  /** What Millrace has delivered of that when it is killed: far from all on a fast disk, too. */
  private static final int MIDDLE = 100;

  /** What Flume has delivered at least by then. */
  private static final int DELIVERED = 200;

  private static final int LOGS = 2;

  /** Batches of the edge, and of Flume's sink. */
  private static final int BATCH = 50;

  private static final int CALLS_IN_FLIGHT = 2;

  /** One event a sync, so that there is a middle of the delivery to be hit. */
  private static final int STORE_BATCH = 1;

  /** Called but not answered when either of the agents in the middle was killed: comes again. */
  private static final int EDGE_DUPLICATES = 2 * CALLS_IN_FLIGHT * BATCH;

  /** Flume's sink may have had a batch stored and not yet committed its takes. */
  private static final int FLUME_DUPLICATES = BATCH;

  /** As Millrace's, and what was taken ahead. */
  private static final int MILLRACE_DUPLICATES = 2 * STORE_BATCH;

  @RegisterExtension final Scene scene = new Scene();

  // Promise 1 and 8 across the change of agents: what Flume had acknowledged is delivered, and only
  // what was in flight at a kill comes twice.
  @Test
  void whatAKilledFlumeLeftIsDeliveredThroughAKillOfMillrace() throws Exception {
    check("");
  }

  @Tag("long")
  @Test
  void whatAKilledFlumeLeftEncryptedIsDeliveredThroughAKillOfMillrace() throws Exception {
    check(encryption());
  }

  private void check(String channelOptions) throws Exception {
    int edgePort = Ports.free();
    int storePort = Ports.free();
    Path state = scene.directory("channel");
    Path storeOfFlume = scene.directory("store-of-flume");
    Path storeOfMillrace = scene.directory("store-of-millrace");
    Ledger ledger = new Ledger();
    List<LogWriter> writers =
        List.of(
            new LogWriter(ledger, "first", scene.directory("logs").resolve("first.log")),
            new LogWriter(ledger, "second", scene.directory("logs").resolve("second.log")));

    AgentProcess store = scene.millrace("store", store(storePort, storeOfFlume));
    AgentProcess edge =
        scene.millrace("edge", edge(scene.directory("logs"), scene.directory("edge"), edgePort));
    String channel = channel(state) + channelOptions;
    AgentProcess flume = scene.flume("flume", flume(edgePort, channel, storePort));
    AgentProcess millrace =
        scene.millrace("millrace", millrace(edgePort, channel, storeOfMillrace));

    writers.forEach(writer -> writer.append(DELIVERED));
    store.startAndAwait();
    flume.start();
    edge.start();
    flume.awaitStarted();
    edge.awaitStarted();
    Conditions.await(
        "a part is delivered", LIMIT, () -> Store.of(storeOfFlume).lineCount() >= DELIVERED);
    store.stop();
    writers.forEach(writer -> writer.append(BACKLOG / LOGS));
    try (Load load = Load.start(writers, /* linesPerSecond= */ 100, /* rotationSeconds= */ 60)) {
      Conditions.await(
          "Flume holds a backlog",
          LIMIT,
          () -> flume.metricIfShown("CHANNEL.disk", "ChannelSize") >= BACKLOG);
      flume.kill();

      millrace.start();
      Conditions.await(
          "Millrace is in the middle of the backlog",
          LIMIT,
          Duration.ofMillis(20),
          () -> Store.of(storeOfMillrace).lineCount() >= MIDDLE);
      millrace.kill();
      assertThat(state.resolve("data-1/flume-files")).isNotEmptyDirectory();
      assertThat(state.resolve("checkpoint/flume-files/checkpoint")).exists();
      millrace.start();
    }
    millrace.awaitStarted();
    Conditions.await(
        "every line is stored",
        LIMIT,
        Duration.ofMillis(500),
        () -> both(storeOfFlume, storeOfMillrace).distinctLineCount() >= ledger.lineCount());
    millrace.awaitLog("everything that Apache Flume left is delivered");
    edge.stop();
    millrace.stop();

    Store stored = both(storeOfFlume, storeOfMillrace);
    Audit audit = Audit.of(ledger, stored);
    int bound = EDGE_DUPLICATES + FLUME_DUPLICATES + MILLRACE_DUPLICATES;
    Scene.say("%s (at most %d duplicates)".formatted(audit.summary(), bound));
    audit.assertNothingLostOrInvented();
    assertThat(audit.duplicates()).as("duplicates: %s", audit).isLessThanOrEqualTo(bound);
    for (String directory : List.of("data-1", "data-2", "checkpoint")) {
      assertThat(state.resolve(directory).resolve("flume-files")).doesNotExist();
    }
  }

  private static Store both(Path first, Path second) {
    Map<String, Integer> lines = new HashMap<>(Store.of(first).lines());
    Store.of(second).lines().forEach((line, count) -> lines.merge(line, count, Integer::sum));
    return new Store(lines, List.of());
  }

  /** A key store as the channel of Flume wants it, and the options that name it. */
  private String encryption() throws IOException {
    Path keys = scene.directory("keys");
    Files.writeString(keys.resolve("password"), "takeover\n");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Path keyStore = keys.resolve("keys.jceks");
    WatchedProcess process =
        WatchedProcess.start(
            "keytool",
            List.of(
                keytool,
                "-genseckey",
                "-alias",
                "key-1",
                "-keyalg",
                "AES",
                "-keysize",
                "128",
                "-storetype",
                "JCEKS",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                "takeover"),
            keys,
            Map.of(),
            keys.resolve("keytool.log"));
    OptionalInt status = process.awaitExit(LIMIT);
    assertThat(status).as("exit status of keytool").hasValue(0);
    return """
        a1.channels.disk.encryption.activeKey = key-1
        a1.channels.disk.encryption.cipherProvider = AESCTRNOPADDING
        a1.channels.disk.encryption.keyProvider = JCEKSFILE
        a1.channels.disk.encryption.keyProvider.keyStoreFile = %1$s/keys.jceks
        a1.channels.disk.encryption.keyProvider.keyStorePasswordFile = %1$s/password
        a1.channels.disk.encryption.keyProvider.keys = key-1
        """
        .formatted(keys);
  }

  /** Over two data directories, with files so small that there are several. */
  private static String channel(Path state) {
    return """
        a1.channels.disk.type = file
        a1.channels.disk.checkpointDir = %1$s/checkpoint
        a1.channels.disk.dataDirs = %1$s/data-1,%1$s/data-2
        a1.channels.disk.maxFileSize = 100000
        a1.channels.disk.checkpointInterval = 2000
        """
        .formatted(state);
  }

  private static String edge(Path logs, Path state, int port) {
    return """
        a1.sources = tail
        a1.channels = memory
        a1.sinks = uplink

        a1.sources.tail.type = TAILDIR
        a1.sources.tail.filegroups = logs
        a1.sources.tail.filegroups.logs = %s/.*\\\\.log.*
        a1.sources.tail.positionFile = %s/positions.json
        a1.sources.tail.batchSize = %d
        a1.sources.tail.channels = memory

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        a1.channels.memory.transactionCapacity = 100

        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.batch-size = %d
        a1.sinks.uplink.max-in-flight = %d
        a1.sinks.uplink.channel = memory
        """
        .formatted(logs, state, BATCH, port, BATCH, CALLS_IN_FLIGHT);
  }

  private static String flume(int port, String channel, int storePort) {
    return middle(port, channel)
        + """
        a1.sinks = out
        a1.sinks.out.type = avro
        a1.sinks.out.hostname = 127.0.0.1
        a1.sinks.out.port = %d
        a1.sinks.out.batch-size = %d
        a1.sinks.out.channel = disk
        """
            .formatted(storePort, BATCH);
  }

  private static String millrace(int port, String channel, Path store) {
    return middle(port, channel)
        + "a1.sinks = out\n"
        + Confs.fileRoll("out", store)
        + "a1.sinks.out.sink.batchSize = "
        + STORE_BATCH
        + "\na1.sinks.out.channel = disk\n";
  }

  private static String middle(int port, String channel) {
    return """
        a1.sources = edges
        a1.channels = disk

        a1.sources.edges.type = avro
        a1.sources.edges.bind = 127.0.0.1
        a1.sources.edges.port = %d
        a1.sources.edges.channels = disk

        %s
        """
        .formatted(port, channel);
  }

  private static String store(int port, Path store) {
    return """
        a1.sources = middle
        a1.channels = memory
        a1.sinks = store

        a1.sources.middle.type = avro
        a1.sources.middle.bind = 127.0.0.1
        a1.sources.middle.port = %d
        a1.sources.middle.channels = memory

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 1000
        a1.channels.memory.transactionCapacity = 100

        %s
        a1.sinks.store.channel = memory
        """
        .formatted(port, Confs.fileRoll("store", store));
  }
}
