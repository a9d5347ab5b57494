/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Sources of files with very many of them, most of which do nothing, in a small heap and with few
 * descriptors. Runs with {@code -Dsystem.tests.files=100000}, or another number (of whole
 * hundreds), only, and says what it cost.
 */
@Tag("long")
@EnabledIfSystemProperty(named = "system.tests.files", matches = "[0-9]+")
final class ManyFilesTest {
  private static final int DIRECTORIES = 100;
  private static final int MAX_OPEN_FILES = 100;

  /** Jars, logs, sockets and the channel, besides the files that are followed. */
  private static final int MAX_OTHER_DESCRIPTORS = 200;

  /** Of the files, one in so many is written to, renamed or deleted. */
  private static final int ONE_IN = 100;

  private static final int FILES =
      Math.max(ONE_IN, Integer.getInteger("system.tests.files", 3_000) / ONE_IN * ONE_IN);

  private static final double MAX_IDLE_CPU_SHARE = 0.15;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration WARM_UP = Duration.ofSeconds(FILES > 10_000 ? 15 : 5);
  private static final Duration IDLE = Duration.ofSeconds(FILES > 10_000 ? 20 : 5);

  @RegisterExtension final Scene scene = new Scene();

  private final Set<String> written = new HashSet<>();
  private Path store;

  // Rename, growth under the new name, deletion, truncation and new files; then a stop, changes
  // while nobody looks, and a start.
  @Test
  void everyLineOfVeryManyFollowedFilesComesOnce() {
    store = scene.directory("store");
    Path logs = scene.directory("logs");
    for (int file = 0; file < FILES; file++) {
      append(log(logs, file), "first " + file);
    }
    AgentProcess agent =
        start(
            """
            a1.sources.in.type = taildir
            a1.sources.in.filegroups = g
            a1.sources.in.filegroups.g = %s/**/.*\\\\.log.*
            a1.sources.in.positionFile = %s/positions.json
            a1.sources.in.maxOpenFiles = %d
            a1.sources.in.idleTimeout = 2000
            """
                .formatted(logs, scene.directory(), MAX_OPEN_FILES));
    awaitAllStored(agent, "the first lines");
    measureIdle(agent);
    for (int file = 0; file < FILES; file += ONE_IN) {
      append(log(logs, file), "grown " + file);
      move(log(logs, file + 1), rotated(logs, file + 1));
      append(rotated(logs, file + 1), "grown when renamed " + file);
      append(log(logs, file + 1), "after the rotation " + file);
      delete(log(logs, file + 2));
      empty(log(logs, file + 3));
    }
    awaitAllStored(agent, "lines of files that were rotated");
    for (int file = 0; file < FILES; file += ONE_IN) {
      append(log(logs, file + 3), "truncated " + file);
    }
    awaitAllStored(agent, "lines of files that were truncated");
    assertFewDescriptors(agent);
    say(agent, "before the stop");
    agent.stop();
    for (int file = 0; file < FILES; file += ONE_IN) {
      append(log(logs, file + 4), "written while nobody looked " + file);
      move(log(logs, file + 5), rotated(logs, file + 5));
    }
    agent.startAndAwait();
    awaitAllStored(agent, "lines written while nobody looked");
    measureIdle(agent);
    assertFewDescriptors(agent);
    agent.stop();
    assertEachLineOnce();
  }

  @Test
  void everyLineOfVeryManySpooledFilesComesOnce() {
    store = scene.directory("store");
    Path spool = scene.directory("spool");
    for (int file = 0; file < FILES; file++) {
      append(log(spool, file), "first " + file);
    }
    AgentProcess agent =
        start(
            """
            a1.sources.in.type = spooldir
            a1.sources.in.spoolDir = %s
            a1.sources.in.recursiveDirectorySearch = true
            """
                .formatted(spool));
    awaitAllStored(agent, "the first files");
    awaitAllMarked(spool);
    measureIdle(agent);
    Path aside = scene.directory("aside");
    for (int file = FILES; file < FILES + FILES / ONE_IN; file++) {
      append(log(aside, file), "second " + file);
      move(log(aside, file), log(spool, file));
    }
    awaitAllStored(agent, "the files that came later");
    awaitAllMarked(spool);
    assertFewDescriptors(agent);
    say(agent, "before the stop");
    agent.stop();
    agent.startAndAwait();
    measureIdle(agent);
    agent.stop();
    assertEachLineOnce();
  }

  private AgentProcess start(String source) {
    String conf =
        """
        a1.sources = in
        a1.channels = disk
        a1.sinks = store

        %s
        a1.sources.in.channels = disk

        %s
        %s
        a1.sinks.store.channel = disk
        """
            .formatted(
                source,
                Confs.fileChannel("disk", scene.directory("state")),
                Confs.fileRoll("store", store));
    // The compiler that a long life has: what a look costs is measured.
    AgentProcess agent = scene.millrace("agent", conf, "-Xmx192m", "-XX:TieredStopAtLevel=4");
    agent.startAndAwait();
    return agent;
  }

  private static Path log(Path root, int file) {
    return root.resolve("d" + file % DIRECTORIES).resolve("app-" + file + ".log");
  }

  private static Path rotated(Path root, int file) {
    return log(root, file).resolveSibling("app-" + file + ".log.1");
  }

  private void append(Path file, String line) {
    written.add(line);
    try {
      Files.createDirectories(file.getParent());
      Files.write(
          file,
          (line + "\n").getBytes(US_ASCII),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + from, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  private static void empty(Path file) {
    try {
      Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  private void awaitAllStored(AgentProcess agent, String what) {
    Conditions.await(
        what + " are stored",
        LIMIT,
        INTERVAL,
        () -> Store.of(store).lines().keySet().containsAll(written));
    say(agent, what);
  }

  private static void awaitAllMarked(Path spool) {
    Conditions.await(
        "every file is marked",
        LIMIT,
        INTERVAL,
        () -> {
          try (Stream<Path> all = Files.walk(spool)) {
            return all.noneMatch(path -> path.getFileName().toString().endsWith(".log"));
          } catch (UncheckedIOException e) {
            // It was renamed while we walked.
            return false;
          }
        });
  }

  /** Looks at very many files must not keep a processor busy when nothing happens. */
  private static void measureIdle(AgentProcess agent) {
    assertThat(agent.process().awaitExit(WARM_UP)).as("exit status of the agent").isEmpty();
    long beginNanos = System.nanoTime();
    Duration before = cpu(agent);
    assertThat(agent.process().awaitExit(IDLE)).as("exit status of the agent").isEmpty();
    Duration used = cpu(agent).minus(before);
    double share = (double) used.toNanos() / (System.nanoTime() - beginNanos);
    Scene.say("idle with %,d files: %.1f %% of a processor".formatted(FILES, 100 * share));
    assertThat(share)
        .as("share of a processor when nothing happens")
        .isLessThan(MAX_IDLE_CPU_SHARE);
  }

  private static Duration cpu(AgentProcess agent) {
    return ProcessHandle.of(agent.process().pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow();
  }

  private static void say(AgentProcess agent, String when) {
    Scene.say(
        "%s: %d ms since its start, %d ms of CPU, %d MiB resident at most, %d descriptors"
            .formatted(
                when,
                System.currentTimeMillis()
                    - ProcessHandle.of(agent.process().pid())
                        .flatMap(process -> process.info().startInstant())
                        .orElseThrow()
                        .toEpochMilli(),
                cpu(agent).toMillis(),
                agent.process().peakResidentBytes() >> 20,
                descriptors(agent)));
  }

  private static void assertFewDescriptors(AgentProcess agent) {
    assertThat(descriptors(agent))
        .as("descriptors")
        .isLessThanOrEqualTo(MAX_OPEN_FILES + MAX_OTHER_DESCRIPTORS);
  }

  private static int descriptors(AgentProcess agent) {
    String[] names = Path.of("/proc/" + agent.process().pid() + "/fd").toFile().list();
    return names == null ? 0 : names.length;
  }

  private void assertEachLineOnce() {
    Store stored = Store.of(store);
    Audit.of(written, stored).assertNothingInvented();
    assertThat(stored.lines().keySet().containsAll(written)).as("all are stored").isTrue();
    assertThat(stored.lineCount() - stored.distinctLineCount())
        .as("lines that came twice")
        .isZero();
  }
}
