/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Promise 8: no duplicates without a crash, file rotation included. */
final class NoCrashNoDuplicatesTest {
  private static final int LINES_PER_SECOND = 400;
  private static final int ROTATION_SECONDS = 3;
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(120);

  @RegisterExtension final Scene scene = new Scene();

  // Renamed files stay in the pattern, so that a reader which knows files by their names would read
  // them twice. Edge and collector are stopped and started in turn while lines are written.
  @Test
  void everyLineComesOnceThroughRenamesAndOrderlyRestarts() {
    int port = Ports.free();
    Path logs = scene.directory("logs");
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("collector", Confs.collector(port, scene.directory("collector"), store));
    AgentProcess edge = scene.millrace("edge", Confs.edge(logs, scene.directory("edge"), port));
    Ledger ledger = new Ledger();
    List<LogWriter> writers = new ArrayList<>();
    for (String stream : List.of("one", "two", "three")) {
      writers.add(new LogWriter(ledger, stream, logs.resolve(stream + ".log")));
    }
    collector.startAndAwait();
    edge.startAndAwait();

    Random random = scene.random();
    try (Load load = Load.start(writers, LINES_PER_SECOND, ROTATION_SECONDS)) {
      for (AgentProcess agent : List.of(edge, collector, edge, collector)) {
        Duration life = Duration.ofMillis(2_000 + random.nextInt(2_000));
        assertThat(agent.process().awaitExit(life)).as(agent.name()).isEmpty();
        agent.stop();
        agent.startAndAwait();
      }
    }
    Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
    edge.stop();
    collector.stop();

    Audit audit = Audit.of(ledger, Store.of(store));
    Scene.say(audit.summary());
    audit.assertExactlyOnce();
  }

  // Rotation by copy and truncate. What a reader has not read when a file is emptied is in the copy
  // alone, and the copies are not in the pattern: so the writer rotates when all was read. Writing
  // goes on at once after it.
  @Test
  void everyLineComesOnceThroughCopyAndTruncate() {
    int port = Ports.free();
    Path logs = scene.directory("logs");
    Path store = scene.directory("store");
    AgentProcess collector =
        scene.millrace("collector", Confs.collector(port, scene.directory("collector"), store));
    String edgeConf =
        Confs.edge(logs, scene.directory("edge"), port).replace(".*\\\\.log.*", ".*\\\\.log");
    AgentProcess edge = scene.millrace("edge", edgeConf);
    Ledger ledger = new Ledger();
    LogWriter writer = new LogWriter(ledger, "app", logs.resolve("app.log"));
    collector.startAndAwait();
    edge.startAndAwait();

    for (int rotation = 1; rotation <= 4; rotation++) {
      for (int write = 0; write < 20; write++) {
        // Ever smaller files: each ends before the position reached in the one before.
        writer.append(50 - rotation * 10);
      }
      Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
      writer.rotateByCopyTruncate();
      if (rotation == 2) {
        edge.stop();
        edge.startAndAwait();
      }
    }
    writer.append(100);
    Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
    edge.stop();
    collector.stop();

    Audit audit = Audit.of(ledger, Store.of(store));
    Scene.say(audit.summary());
    audit.assertExactlyOnce();
  }
}
