/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Tool;
import io.millrace.systemtests.WatchedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A process on a host that is started again whenever it ends, as an init system does, until it is
 * stopped. It may be a supervisor whose child is what matters: then faults are made to the child.
 * Guarded by {@code this}.
 */
final class KeptProcess implements AutoCloseable {
  /** A process that ends again and again is not kept for ever. */
  private static final int MAX_STARTS = 50;

  private static final Duration LONG = Duration.ofHours(1);

  private final String name;
  private final Host host;
  private final Path log;
  private final boolean isSupervisor;
  private List<String> command;
  private WatchedProcess process;
  private boolean isKept;
  private int starts;

  KeptProcess(String name, Host host, Path directory, List<String> command, boolean isSupervisor) {
    this.name = name;
    this.isSupervisor = isSupervisor;
    this.host = host;
    this.log = directory.resolve(name + ".log");
    this.command = command;
  }

  String name() {
    return name;
  }

  Host host() {
    return host;
  }

  Path log() {
    return log;
  }

  /** It is started with this from its next start on. */
  synchronized void command(List<String> words) {
    command = words;
  }

  synchronized KeptProcess start() {
    if (isKept) {
      throw new IllegalStateException(name + " runs already");
    }
    isKept = true;
    launch();
    Thread keeper = new Thread(this::keep, "keeper/" + name);
    keeper.setDaemon(true);
    keeper.start();
    return this;
  }

  private void launch() {
    starts++;
    process = WatchedProcess.start(name, host.words(command), log.getParent(), Map.of(), log);
  }

  private void keep() {
    for (WatchedProcess now = current(); now != null; now = replaced(now)) {
      now.awaitExit(LONG);
    }
  }

  private synchronized WatchedProcess current() {
    return isKept ? process : null;
  }

  /** The one that runs in its place; null when nobody shall, or somebody else has seen to it. */
  private synchronized WatchedProcess replaced(WatchedProcess ended) {
    if (!isKept || process != ended || starts >= MAX_STARTS) {
      return null;
    }
    if (!ended.isAlive()) {
      launch();
    }
    return process;
  }

  /** The process that does the work; empty while there is none. */
  synchronized Optional<ProcessHandle> worker() {
    if (process == null || !process.isAlive()) {
      return Optional.empty();
    }
    Optional<ProcessHandle> own = ProcessHandle.of(process.pid());
    return isSupervisor ? own.flatMap(handle -> handle.children().findFirst()) : own;
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Kills it; it is started again. */
  void kill() {
    signal("-KILL", workerPid());
  }

  void freeze() {
    signal("-STOP", workerPid());
  }

  void thaw() {
    signal("-CONT", workerPid());
  }

  /** Says SIGHUP to it, over its supervisor if it has one. */
  synchronized void hangUp() {
    signal("-HUP", process.pid());
  }

  private long workerPid() {
    return worker()
        .map(ProcessHandle::pid)
        .orElseThrow(() -> new IllegalStateException(name + " does not run now"));
  }

  private void signal(String signal, long pid) {
    Tool.need(log.getParent(), "kill", signal, Long.toString(pid));
  }

  /** Asks it to stop, and does not start it again. */
  OptionalInt stop(Duration limit) {
    return unkept().terminate(limit);
  }

  /** Kills it, its supervisor included, and does not start it again. */
  void end() {
    close();
  }

  private synchronized WatchedProcess unkept() {
    isKept = false;
    return process;
  }

  @Override
  public void close() {
    Optional<ProcessHandle> worker = worker();
    WatchedProcess last = unkept();
    if (last != null) {
      last.close();
    }
    worker.ifPresent(ProcessHandle::destroyForcibly);
  }
}
