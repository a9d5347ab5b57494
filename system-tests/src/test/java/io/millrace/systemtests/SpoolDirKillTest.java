/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files are put into a spooling directory while the agent that reads it is killed. */
@Tag("long")
final class SpoolDirKillTest {
  private static final int BATCH = 100;
  private static final int FILES = 60;
  private static final int MAX_LINES_OF_FILE = 20_000;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

  /** What the source may have handed on without having noted the answer. */
  private static final int LINES_IN_SOURCE = 8 * BATCH;

  /** What the sink may have written without having told the channel. */
  private static final int LINES_IN_SINK = 5 * Confs.BATCH;

  @RegisterExtension final Scene scene = new Scene();

  private final Ledger ledger = new Ledger();

  private String configuration(Path spool, Path state, Path store) {
    return """
        a1.sources = spool
        a1.channels = disk
        a1.sinks = store

        a1.sources.spool.type = spooldir
        a1.sources.spool.spoolDir = %s
        a1.sources.spool.batchSize = %d
        a1.sources.spool.pollDelay = 50
        a1.sources.spool.settleTime = 0
        a1.sources.spool.recursiveDirectorySearch = true
        a1.sources.spool.channels = disk

        %s
        %s
        a1.sinks.store.sink.batchSize = %d
        a1.sinks.store.channel = disk
        """
        .formatted(
            spool,
            BATCH,
            Confs.fileChannel("disk", state),
            Confs.fileRoll("store", store),
            Confs.BATCH);
  }

  // Promise 8: after a crash at most what was in flight comes twice. Files are many and small, or
  // so big that kills fall into them, plain or compressed, and written while the agent is down.
  @Test
  void everyLineOfEveryFileIsStoredWhenTheAgentIsKilledAtRandomMoments() {
    int kills = Integer.getInteger("system.tests.spool.kills", 8);
    Random random = scene.random();
    Path spool = scene.directory("spool");
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace("agent", configuration(spool, scene.directory("state"), store));
    agent.startAndAwait();
    for (int kill = 0; kill < kills; kill++) {
      for (int i = 0; i < FILES / kills + 1; i++) {
        put(spool, "f-" + kill + "-" + i, random);
      }
      assertThat(agent.process().awaitExit(Duration.ofMillis(300 + random.nextInt(1500))))
          .as("exit status of the agent, which nobody had killed yet")
          .isEmpty();
      agent.kill();
      agent.start();
    }
    agent.awaitStarted();
    Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
    Conditions.await("every file is marked", DRAIN_LIMIT, () -> unmarked(spool).isEmpty());
    agent.stop();

    Audit audit = Audit.of(ledger, Store.of(store));
    long bound = (long) kills * (LINES_IN_SOURCE + LINES_IN_SINK);
    Scene.say("%d kills: %s (at most %d)".formatted(kills, audit.summary(), bound));
    audit.assertNothingLostOrInvented();
    assertThat((long) audit.duplicates()).as("duplicates: %s", audit).isLessThanOrEqualTo(bound);
  }

  /** A file that is whole when it comes. */
  private void put(Path spool, String name, Random random) {
    int lines = 1 + random.nextInt(random.nextInt(4) == 0 ? MAX_LINES_OF_FILE : 50);
    StringBuilder text = new StringBuilder();
    for (int number = 1; number <= lines; number++) {
      text.append(Ledger.line(name, number)).append('\n');
    }
    if (random.nextBoolean()) {
      text.setLength(text.length() - 1);
    }
    boolean isCompressed = random.nextInt(3) == 0;
    Path directory = random.nextInt(4) == 0 ? spool.resolve("sub") : spool;
    try {
      Files.createDirectories(directory);
      Path hidden = directory.resolve("." + name);
      try (OutputStream out = open(hidden, isCompressed)) {
        out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
      }
      ledger.wrote(name, lines, text.length());
      Files.move(
          hidden,
          directory.resolve(name + (isCompressed ? ".gz" : ".log")),
          StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + name, e);
    }
  }

  private static OutputStream open(Path file, boolean isCompressed) throws IOException {
    OutputStream plain = Files.newOutputStream(file);
    return isCompressed ? new GZIPOutputStream(plain) : plain;
  }

  private static List<Path> unmarked(Path spool) {
    try (Stream<Path> all = Files.walk(spool)) {
      return all.filter(Files::isRegularFile)
          .filter(path -> !path.toString().contains("/.flumespool/"))
          .filter(path -> !path.toString().endsWith(".COMPLETED"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + spool, e);
    }
  }
}
