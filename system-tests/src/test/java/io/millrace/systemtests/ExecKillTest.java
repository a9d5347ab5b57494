/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An agent whose source runs a command is killed. */
@Tag("long")
final class ExecKillTest {
  private static final int BATCH = 50;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  // The command never outlives the agent. What the agent had stored is not lost, and what it had
  // not is: of each run the first lines are there, without a gap.
  @Test
  void theCommandEndsWithTheAgentAndWhatWasStoredOfItIsWithoutGaps() {
    int kills = Integer.getInteger("system.tests.exec.kills", 4);
    Path state = scene.directory("state");
    Path store = scene.directory("store");
    Path pids = scene.directory("pids");
    Path script = scene.directory().resolve("command.sh");
    write(
        script,
        """
        : > %s/$$
        i=0
        while :; do
          i=$((i + 1))
          echo "run-$$ $i"
          [ $((i %% 20)) -ne 0 ] || sleep 0.01
        done
        """
            .formatted(pids));
    AgentProcess agent = scene.millrace("agent", configuration(script, state, store));
    for (int kill = 0; kill < kills; kill++) {
      agent.startAndAwait();
      int before = Store.of(store).distinctLineCount();
      Conditions.await(
          "lines of this run are stored",
          LIMIT,
          () -> Store.of(store).distinctLineCount() > before + 5 * BATCH);
      agent.kill();
      Conditions.await("no command is left", LIMIT, () -> running(pids).isEmpty());
    }
    agent.startAndAwait();
    Conditions.await(
        "the channel was drained", LIMIT, () -> agent.metric("CHANNEL.disk", "ChannelSize") < 500);
    agent.stop();
    Conditions.await("no command is left", LIMIT, () -> running(pids).isEmpty());

    Map<String, TreeSet<Integer>> runs = runs(Store.of(store));
    Scene.say("%d kills: lines stored of each run %s".formatted(kills, counts(runs)));
    assertThat(runs).hasSizeGreaterThanOrEqualTo(kills);
    runs.forEach(
        (run, numbers) ->
            assertThat(numbers.last()).as("lines of %s", run).isEqualTo(numbers.size()));
  }

  private static String configuration(Path script, Path state, Path store) {
    return """
        a1.sources = run
        a1.channels = disk
        a1.sinks = store

        a1.sources.run.type = exec
        a1.sources.run.command = /bin/sh %s
        a1.sources.run.batchSize = %d
        a1.sources.run.batchTimeout = 200
        a1.sources.run.channels = disk

        %s
        %s
        a1.sinks.store.channel = disk
        """
        .formatted(script, BATCH, Confs.fileChannel("disk", state), Confs.fileRoll("store", store));
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Script " + file, e);
    }
  }

  /** Commands that were started and run still. */
  private static List<Long> running(Path pids) {
    try (var files = Files.list(pids)) {
      return files
          .map(file -> Long.parseLong(file.getFileName().toString()))
          .filter(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + pids, e);
    }
  }

  private static Map<String, TreeSet<Integer>> runs(Store store) {
    Map<String, TreeSet<Integer>> runs = new TreeMap<>();
    for (String line : store.lines().keySet()) {
      String[] words = line.split(" ");
      runs.computeIfAbsent(words[0], run -> new TreeSet<>()).add(Integer.parseInt(words[1]));
    }
    return runs;
  }

  private static Map<String, Integer> counts(Map<String, TreeSet<Integer>> runs) {
    Map<String, Integer> counts = new TreeMap<>();
    runs.forEach((run, numbers) -> counts.put(run, numbers.size()));
    return counts;
  }
}
