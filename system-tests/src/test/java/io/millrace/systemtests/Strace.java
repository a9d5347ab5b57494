/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Makes calls of a running process fail or wait, until it is closed. Safe for use by one thread.
 */
final class Strace implements AutoCloseable {
  static final String SYNCS = "fsync,fdatasync,sync_file_range,syncfs,sync";

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final WatchedProcess strace;
  private final Path calls;

  private Strace(WatchedProcess strace, Path calls) {
    this.strace = strace;
    this.calls = calls;
  }

  /**
   * @param calls names of system calls, separated by commas
   * @param what such as {@code error=EIO}
   */
  static Strace inject(Scene scene, AgentProcess agent, String calls, String what) {
    if (!Tool.isThere("strace")) {
      abort("No strace here (apt-get install strace)");
    }
    Path trace = scene.directory().resolve("strace.calls");
    Path log = scene.directory().resolve("strace.log");
    int before = WatchedProcess.textOf(log).length();
    WatchedProcess strace =
        WatchedProcess.start(
            "strace",
            List.of(
                "strace",
                "-f",
                "-p",
                Long.toString(agent.process().pid()),
                "-e",
                "trace=" + calls,
                "-e",
                "inject=" + calls + ":" + what,
                "-o",
                trace.toString()),
            scene.directory(),
            Map.of(),
            log);
    Conditions.await(
        "strace is attached",
        LIMIT,
        () ->
            !strace.isAlive() || WatchedProcess.textOf(log).substring(before).contains("attached"));
    if (!strace.isAlive()) {
      abort(
          "strace cannot attach here (root can, or kernel.yama.ptrace_scope = 0): "
              + WatchedProcess.textOf(log).substring(before));
    }
    return new Strace(strace, trace);
  }

  /** The calls that were seen, a line each. */
  String calls() {
    return WatchedProcess.textOf(calls);
  }

  /** Lets go of the process. */
  @Override
  public void close() {
    if (strace.terminate(LIMIT).isEmpty()) {
      throw new IllegalStateException("strace does not let go of the agent");
    }
  }
}
