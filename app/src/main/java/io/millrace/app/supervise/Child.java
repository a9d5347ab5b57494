/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One agent process, from its start to its end. What it prints is passed on and its end kept.
 * Confined to the supervisor's thread, but for what its two pumps do.
 */
final class Child {
  private static final int BUFFER_BYTES = 8 << 10;
  private static final Duration DUMP_LIMIT = Duration.ofSeconds(3);
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration OUTPUT_LIMIT = Duration.ofSeconds(2);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(30);

  private final Process process;
  private final OutputTail tail = new OutputTail();
  private final List<Thread> pumps = new ArrayList<>();
  private final Instant startedAt;
  private final long beginNanos = System.nanoTime();
  private String memory = "not sampled";
  private boolean isKilled;

  private Child(Process process, Instant startedAt) {
    this.process = process;
    this.startedAt = startedAt;
  }

  /**
   * @throws IOException when there is no such program, or the system gives no process
   */
  static Child start(List<String> command, PrintStream out, PrintStream err, Instant now)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    // The supervisor runs what is built; so does each of its agents.
    builder.environment().put("MILLRACE_NO_BUILD", "1");
    Child child = new Child(builder.start(), now);
    child.pump("out", child.process.getInputStream(), out);
    child.pump("err", child.process.getErrorStream(), err);
    return child;
  }

  private void pump(String name, InputStream from, PrintStream to) {
    OutputTail.Lines lines = tail.newStream();
    Thread pump = new Thread(() -> pump(from, to, lines), "millrace/supervise/" + name);
    pump.setDaemon(true);
    pump.start();
    pumps.add(pump);
  }

  private static void pump(InputStream from, PrintStream to, OutputTail.Lines lines) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (from) {
      for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
        lines.take(buffer, count);
        to.write(buffer, 0, count);
        to.flush();
      }
    } catch (IOException e) {
      // The stream of a process that was killed may end so. What was read is kept.
    }
    lines.end();
  }

  long pid() {
    return process.pid();
  }

  Instant startedAt() {
    return startedAt;
  }

  Duration life() {
    return Duration.ofNanos(System.nanoTime() - beginNanos);
  }

  boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Only after its end. */
  int status() {
    return process.exitValue();
  }

  boolean isKilled() {
    return isKilled;
  }

  /** The last lines it printed; after its end once the pumps have read them all. */
  List<String> lastLines() throws InterruptedException {
    if (!process.isAlive()) {
      for (Thread pump : pumps) {
        // A grandchild may hold the stream open.
        pump.join(OUTPUT_LIMIT.toMillis());
      }
    }
    return tail.lastLines();
  }

  /** Notes how much memory it has now. */
  void sampleMemory() {
    try {
      StringBuilder sample = new StringBuilder();
      for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
        if (line.startsWith("VmRSS") || line.startsWith("VmHWM") || line.startsWith("Threads")) {
          sample.append(line.replaceAll("\\s+", " ")).append("; ");
        }
      }
      if (!sample.isEmpty()) {
        memory = sample + "sampled " + life().toSeconds() + " s after its start";
      }
    } catch (IOException e) {
      // It has ended, or there is no /proc: the last sample stands.
    }
  }

  String memory() {
    return memory;
  }

  /** Asks it to stop in order. */
  void terminate() {
    process.destroy();
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  void kill() throws InterruptedException {
    isKilled = true;
    process.destroyForcibly();
    process.waitFor(KILL_LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  /** Sends a signal that Java has no word for. Only to this child, by its id. */
  void signal(String name) throws InterruptedException {
    if (!process.isAlive()) {
      return;
    }
    try {
      new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " \"$1\"", "sh", String.valueOf(pid()))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor(DUMP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (IOException e) {
      // Without a shell there is no agent either; the caller sees what comes of it.
    }
  }

  /**
   * What its threads do now, as the JVM prints it on SIGQUIT; no lines when it did not. A process
   * that was stopped (SIGSTOP) is continued for it.
   */
  List<String> threadDump() throws InterruptedException {
    tail.startCapture();
    signal("QUIT");
    signal("CONT");
    long begin = System.nanoTime();
    long changedNanos = begin;
    int lines = 0;
    while (System.nanoTime() - begin < DUMP_LIMIT.toNanos()) {
      int now = tail.captured().size();
      if (now != lines) {
        lines = now;
        changedNanos = System.nanoTime();
      } else if (isDump(tail.captured()) && System.nanoTime() - changedNanos > QUIET.toNanos()) {
        break;
      }
      if (awaitEnd(Duration.ofMillis(50))) {
        break;
      }
    }
    List<String> captured = tail.captured();
    return isDump(captured) ? captured : List.of();
  }

  private static boolean isDump(List<String> lines) {
    return lines.stream().anyMatch(line -> line.startsWith("Full thread dump"));
  }
}
