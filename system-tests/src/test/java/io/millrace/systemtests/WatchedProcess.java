/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A process that a test started and may end, by its id and no other way. What it prints goes to the
 * end of its log. Safe for many threads.
 */
public final class WatchedProcess implements AutoCloseable {
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private final String name;
  private final Path log;
  private final Process process;

  private WatchedProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  public static WatchedProcess start(
      String name,
      List<String> command,
      Path directory,
      Map<String, String> environment,
      Path log) {
    ProcessBuilder builder =
        new ProcessBuilder(withHangup(command))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      Files.writeString(
          log,
          "---- " + name + ": " + String.join(" ", command) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      return new WatchedProcess(name, log, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("Could not start " + name + ": " + command, e);
    }
  }

  String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  public void kill() {
    process.destroyForcibly();
    if (awaitExit(Duration.ofSeconds(60)).isEmpty()) {
      throw new IllegalStateException(name + ": process " + pid() + " outlives SIGKILL");
    }
  }

  /** Asks it with SIGTERM to stop; empty when it is still alive after {@code limit}. */
  public OptionalInt terminate(Duration limit) {
    process.destroy();
    return awaitExit(limit);
  }

  /** With SIGHUP as it is by default, though these tests may run under nohup, which ignores it. */
  private static List<String> withHangup(List<String> command) {
    if (!isHangupIgnored()) {
      return command;
    }
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=HUP"));
    words.addAll(command);
    return words;
  }

  private static boolean isHangupIgnored() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).trim(), 16) & 1) != 0);
    } catch (IOException e) {
      return false; // no Linux
    }
  }

  /** Sends SIGHUP. */
  void hangUp() {
    try {
      Process kill = new ProcessBuilder("kill", "-HUP", String.valueOf(pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new IllegalStateException(name + ": kill -HUP " + pid() + " failed");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("kill -HUP " + pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while signalling " + name, e);
    }
  }

  /** Its exit status, or empty when it still runs after {@code limit}. */
  public OptionalInt awaitExit(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
          ? OptionalInt.of(process.exitValue())
          : OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for " + name, e);
    }
  }

  /** The largest resident memory it had so far. */
  long peakResidentBytes() {
    Path status = Path.of("/proc/" + pid() + "/status");
    try {
      Matcher peak = PEAK.matcher(Files.readString(status));
      if (!peak.find()) {
        throw new IllegalStateException(status + " has no VmHWM; is " + name + " still alive?");
      }
      return Long.parseLong(peak.group(1)) * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException("Memory of " + name, e);
    }
  }

  /** Everything that it and its predecessors of the same log have printed. */
  String log() {
    return textOf(log);
  }

  public static String textOf(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("Log " + log, e);
    }
  }

  @Override
  public void close() {
    if (isAlive()) {
      kill();
    }
  }
}
