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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Files are put into a spooling directory while the agent that reads it is killed, each time with a
 * file read half-way: its saved position says so before and after the kill.
 */
@Tag("long")
final class SpoolDirKillTest {
  private static final int BATCH = 20;
  private static final int SMALL_FILES = 6;
  private static final int MAX_LINES_OF_SMALL_FILE = 50;
  private static final int LINES_OF_BIG_FILE = 30_000;

  /**
   * Lines that a life reads of a file before its end: more than may be in flight, so that a source
   * that began anew would be seen.
   */
  private static final int LINES_BEFORE_KILL = 4_000;

  /** Few, so that reading waits for the store and is never far ahead of it. */
  private static final int LINES_IN_CHANNEL = 1_000;

  private static final Duration KILL_LIMIT = Duration.ofMinutes(2);
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(2);

  /** What the source may have handed on without having noted the answer. */
  private static final int LINES_IN_SOURCE = 64 * BATCH;

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
        a1.sources.spool.maxBackoff = 50
        a1.sources.spool.recursiveDirectorySearch = true
        a1.sources.spool.channels = disk

        %s
        a1.channels.disk.capacity = %d
        a1.channels.disk.transactionCapacity = %d
        a1.channels.disk.keep-alive = 1

        %s
        a1.sinks.store.sink.batchSize = %d
        a1.sinks.store.channel = disk
        """
        .formatted(
            spool,
            BATCH,
            Confs.fileChannel("disk", state),
            LINES_IN_CHANNEL,
            Confs.BATCH,
            Confs.fileRoll("store", store),
            Confs.BATCH);
  }

  // Promise 8: after a crash at most what was in flight comes twice. Files are many and small, or
  // so big that each kill falls into one, plain or compressed, and written while the agent is down.
  @Test
  void everyLineOfEveryFileIsStoredWhenTheAgentIsKilledInTheMiddleOfFiles() {
    int killsWithinFiles = Integer.getInteger("system.tests.spool.kills", 6);
    Random random = scene.random();
    Path spool = scene.directory("spool");
    Path store = scene.directory("store");
    AgentProcess agent =
        scene.millrace("agent", configuration(spool, scene.directory("state"), store));
    int kills = 0;
    long againWithoutPositions = 0;
    for (int within = 0; within < killsWithinFiles; kills++) {
      putSome(spool, "f-" + kills, random);
      SpoolPositions before = SpoolPositions.of(spool);
      agent.start();
      if (random.nextInt(4) == 0) {
        // While it starts, or soon after.
        assertThat(agent.process().awaitExit(Duration.ofMillis(random.nextInt(1_500))))
            .as("exit status of the agent, which nobody had killed yet")
            .isEmpty();
        agent.kill();
        continue;
      }
      agent.awaitStarted();
      awaitWithinAFile(spool, before, kills, random);
      agent.kill();
      SpoolPositions after = SpoolPositions.of(spool);
      if (after.isWithinAFile(before, bytesOf(LINES_BEFORE_KILL))) {
        within++;
        againWithoutPositions += LINES_BEFORE_KILL;
      }
    }
    agent.startAndAwait();
    Audit.awaitAllStored(ledger, store, DRAIN_LIMIT);
    Conditions.await("every file is marked", DRAIN_LIMIT, () -> unmarked(spool).isEmpty());
    agent.stop();

    Audit audit = Audit.of(ledger, Store.of(store));
    long bound = (long) kills * (LINES_IN_SOURCE + LINES_IN_SINK);
    Scene.say(
        "%d kills, %d of them within a file: %s (at most %d; without positions %d or more)"
            .formatted(kills, killsWithinFiles, audit.summary(), bound, againWithoutPositions));
    audit.assertNothingLostOrInvented();
    assertThat((long) audit.duplicates()).as("duplicates: %s", audit).isLessThanOrEqualTo(bound);
  }

  /** A file that was read before anyone looked is followed by another one. */
  private void awaitWithinAFile(Path spool, SpoolPositions before, int kill, Random random) {
    AtomicInteger more = new AtomicInteger();
    Conditions.await(
        "a big file is read half-way",
        KILL_LIMIT,
        Duration.ofMillis(5),
        () -> {
          if (SpoolPositions.of(spool).isWithinAFile(before, bytesOf(LINES_BEFORE_KILL))) {
            return true;
          }
          if (unmarked(spool).isEmpty()) {
            put(spool, "g-" + kill + "-" + more.incrementAndGet(), LINES_OF_BIG_FILE, random);
          }
          return false;
        });
  }

  private static long bytesOf(int lines) {
    return (long) lines * Ledger.line("f-0-0", 1).length();
  }

  private void putSome(Path spool, String name, Random random) {
    for (int i = 0; i < SMALL_FILES; i++) {
      put(spool, name + "-" + i, 1 + random.nextInt(MAX_LINES_OF_SMALL_FILE), random);
    }
    put(spool, name + "-big", LINES_OF_BIG_FILE, random);
  }

  /** A file that is whole when it comes. */
  private void put(Path spool, String name, int lines, Random random) {
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
