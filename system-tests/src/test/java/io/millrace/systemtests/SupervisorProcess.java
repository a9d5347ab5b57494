/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code millrace supervise} with an agent a1. Confined to one thread. */
final class SupervisorProcess implements AutoCloseable {
  private static final Pattern STARTED = Pattern.compile("agent started: process (\\d+)");
  private static final Duration LIMIT = Duration.ofSeconds(120);

  private final WatchedProcess process;
  private final Path log;
  private final Path crashes;
  private final int startsBefore;
  private List<ProcessHandle> agents = new ArrayList<>();

  private SupervisorProcess(WatchedProcess process, Path log, Path crashes, int startsBefore) {
    this.process = process;
    this.log = log;
    this.crashes = crashes;
    this.startsBefore = startsBefore;
  }

  /**
   * @param options of the supervisor
   * @param agentOptions behind {@code -- agent -n a1 -f CONF}
   */
  static SupervisorProcess start(
      Path directory, Path conf, List<String> options, List<String> agentOptions) {
    Path crashes = directory.resolve("crashes");
    List<String> words =
        new ArrayList<>(List.of(Installation.command().toString(), "supervise", "--crash-dir"));
    words.add(crashes.toString());
    words.addAll(options);
    words.addAll(List.of("--", "agent", "-n", "a1", "-f", conf.toString()));
    words.add("-XX:TieredStopAtLevel=1");
    words.addAll(agentOptions);
    Path log = directory.resolve("supervisor.log");
    int before = started(log).size();
    return new SupervisorProcess(
        WatchedProcess.start("supervisor", words, directory, Map.of(), log), log, crashes, before);
  }

  private static List<Long> started(Path log) {
    return STARTED
        .matcher(WatchedProcess.textOf(log))
        .results()
        .map((MatchResult match) -> Long.parseLong(match.group(1)))
        .toList();
  }

  String log() {
    return WatchedProcess.textOf(log);
  }

  void awaitLog(String text) {
    Conditions.await("the supervisor says \"" + text + "\"", LIMIT, () -> log().contains(text));
  }

  /** Waits until it has started so many agents, the first included; the id of the last. */
  long awaitAgent(int starts) {
    Conditions.await(
        "agent number " + starts + " was started",
        LIMIT,
        () -> started(log).size() - startsBefore >= starts);
    long pid = started(log).get(startsBefore + starts - 1);
    ProcessHandle.of(pid).ifPresent(agents::add);
    return pid;
  }

  /** To an agent of {@link #awaitAgent}. */
  static void signal(Path directory, String name, long pid) {
    Tool.need(directory, "sh", "-c", "kill -" + name + " " + pid);
  }

  static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  static void awaitEnd(long pid, Duration limit) {
    Conditions.await("process " + pid + " has ended", limit, () -> !isAlive(pid));
  }

  WatchedProcess process() {
    return process;
  }

  OptionalInt terminate(Duration limit) {
    return process.terminate(limit);
  }

  /** What it kept of unexpected ends, oldest first. */
  List<String> crashRecords() {
    if (!Files.exists(crashes)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(crashes)) {
      return files
          .filter(file -> file.toString().endsWith(".txt"))
          .sorted()
          .map(WatchedProcess::textOf)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Crash records", e);
    }
  }

  /** The record of the agent with that id. */
  String awaitCrashRecord(long pid) {
    String line = "Process:         " + pid + "\n";
    Conditions.await(
        "there is a crash record of process " + pid,
        LIMIT,
        () -> crashRecords().stream().anyMatch(record -> record.contains(line)));
    List<String> records = crashRecords().stream().filter(record -> record.contains(line)).toList();
    assertThat(records).hasSize(1);
    return records.get(0);
  }

  /** Ends it and the agents that it started, whatever state they are in. */
  @Override
  public void close() {
    process.close();
    agents.forEach(ProcessHandle::destroyForcibly);
  }
}
