/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One agent in a process of its own, started again at once when it ends without being told to.
 * Confined to the demo's thread.
 */
final class AgentProcess {
  /** How many rates are kept for the picture. */
  static final int RATE_HISTORY = 16;

  private static final int EXIT_OF_SIGNAL = 128;
  private static final int TAIL_LINES = 12;

  enum State {
    STARTING,
    UP,
    STOPPED,
    DOWN
  }

  private final String name;
  private final List<String> command;
  private final Path output;
  private final int metricsPort;
  private final ObjectMapper json = new ObjectMapper();
  private final Deque<Long> rates = new ArrayDeque<>();
  private Process process;
  private State state = State.STARTING;
  private boolean wasUp;
  private int restartCount;
  private Figures beforeThisProcess = Figures.ZERO;
  private Figures now = Figures.ZERO;
  private long measuredAtNanos = System.nanoTime();

  private AgentProcess(String name, List<String> command, Path output, int metricsPort) {
    this.name = name;
    this.command = List.copyOf(command);
    this.output = output;
    this.metricsPort = metricsPort;
  }

  static AgentProcess start(String name, List<String> command, Path output, int metricsPort) {
    AgentProcess agent = new AgentProcess(name, command, output, metricsPort);
    agent.launch();
    return agent;
  }

  private void launch() {
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
    } catch (IOException e) {
      throw new CommandFailedException(
          1, name + " could not be started with " + command.get(0) + ": " + e.getMessage(), e);
    }
    state = State.STARTING;
    wasUp = false;
  }

  /**
   * Starts the process again if it is gone.
   *
   * @return what happened, if anything did
   */
  Optional<String> supervise() {
    if (state == State.DOWN || state == State.STOPPED || process.isAlive()) {
      return Optional.empty();
    }
    long oldPid = process.pid();
    int status = process.exitValue();
    String cause =
        status > EXIT_OF_SIGNAL
            ? "was killed (signal " + (status - EXIT_OF_SIGNAL) + ")"
            : "ended (status " + status + ")";
    // An agent that ends by itself before it ever ran would only do so again.
    if (!wasUp && status <= EXIT_OF_SIGNAL) {
      state = State.DOWN;
      return Optional.of(name + " (" + oldPid + ") " + cause + " before it ran; see " + output);
    }
    beforeThisProcess = now;
    restartCount++;
    launch();
    return Optional.of(
        name + " (" + oldPid + ") " + cause + " and was started again as " + process.pid());
  }

  /** Asks the agent for its figures; it keeps the old ones while it does not answer. */
  void measure() {
    if (state == State.STOPPED || state == State.DOWN) {
      return;
    }
    Figures before = now;
    long beforeNanos = measuredAtNanos;
    measuredAtNanos = System.nanoTime();
    try {
      now = Figures.fetch(metricsPort, json).after(beforeThisProcess);
      state = State.UP;
      wasUp = true;
    } catch (IOException e) {
      state = State.STARTING;
    }
    double seconds = Math.max(1e-3, (measuredAtNanos - beforeNanos) / 1e9);
    rates.addLast(Math.max(0, Math.round((now.sent() - before.sent()) / seconds)));
    if (rates.size() > RATE_HISTORY) {
      rates.removeFirst();
    }
  }

  /** Tells the process to end in order. */
  void requestStop() {
    state = State.STOPPED;
    process.destroy();
  }

  /**
   * Waits for the end of the process; one that takes longer than {@code limit} is killed.
   *
   * @return what went wrong, if anything did
   */
  Optional<String> awaitStop(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly().waitFor();
      return Optional.of(name + " did not stop within " + limit.toSeconds() + " s and was killed");
    }
    return process.exitValue() == 0
        ? Optional.empty()
        : Optional.of(name + " ended with status " + process.exitValue() + "; see " + output);
  }

  /** The end of the agent's log, for an operator who has to know why. */
  List<String> lastOutput() {
    try {
      List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
      return lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    } catch (IOException e) {
      return List.of(output + " cannot be read: " + e.getMessage());
    }
  }

  String name() {
    return name;
  }

  State state() {
    return state;
  }

  Board.Row row() {
    return new Board.Row(
        name, process.pid(), state, restartCount, now, List.copyOf(rates), averageRate());
  }

  Figures figures() {
    return now;
  }

  /** Over the last samples, as events travel in batches. */
  private long averageRate() {
    if (state == State.STOPPED) {
      return 0;
    }
    return Math.round(
        rates.stream()
            .skip(Math.max(0, rates.size() - 4))
            .mapToLong(rate -> rate)
            .average()
            .orElse(0));
  }
}
