/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An agent {@code a1} of Millrace or of Apache Flume that can be started, killed and started again
 * on the same configuration. Confined to one thread at a time.
 */
public final class AgentProcess implements AutoCloseable {
  /** How long an orderly stop may take (promise 7). */
  static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  /** Of a machine that has much else to do: what is not about promise 7 does not fail by it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration START_LIMIT = Duration.ofSeconds(120);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Path directory;
  private final Path conf;
  private final int metricsPort;
  private final List<String> command;
  private final int statusAfterStop;
  private final Map<String, String> environment = new HashMap<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER_LIMIT).build();
  private WatchedProcess process;

  private AgentProcess(
      String name, Path directory, Path conf, int port, List<String> command, int statusAfterStop) {
    this.name = name;
    this.directory = directory;
    this.conf = conf;
    this.metricsPort = port;
    this.command = command;
    this.statusAfterStop = statusAfterStop;
  }

  static AgentProcess millrace(
      String name, Path directory, String configuration, List<String> jvmArguments) {
    Path conf = write(directory.resolve(name + ".properties"), configuration);
    int port = Ports.free();
    List<String> command = Installation.millraceAgent(conf, port, jvmArguments);
    return new AgentProcess(name, directory, conf, port, command, 0);
  }

  /** Flume leaves the exit status after SIGTERM to the JVM, which has 128 + 15. */
  static AgentProcess flume(
      String name, Path directory, String configuration, List<String> jvmArguments) {
    Path conf = write(directory.resolve(name + ".properties"), configuration);
    int port = Ports.free();
    List<String> command = Installation.flumeAgent(conf, port, jvmArguments);
    return new AgentProcess(name, directory, conf, port, command, 143);
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException("Configuration " + file, e);
    }
  }

  String name() {
    return name;
  }

  Path conf() {
    return conf;
  }

  /** Where it serves its metrics and its health. */
  int metricsPort() {
    return metricsPort;
  }

  Path logFile() {
    return directory.resolve(name + ".log");
  }

  String log() {
    return WatchedProcess.textOf(logFile());
  }

  /** From its next start on it has this in its environment. */
  AgentProcess environment(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** Starts it and returns at once. */
  public AgentProcess start() {
    assertThat(isAlive()).as("%s runs already", name).isFalse();
    process = WatchedProcess.start(name, command, directory, environment, logFile());
    return this;
  }

  /** Starts it and waits until all its components have started. */
  public AgentProcess startAndAwait() {
    start();
    awaitStarted();
    return this;
  }

  /** Starts it and waits for its metrics only: some of its components cannot start now. */
  AgentProcess startAndAwaitMetrics() {
    start();
    Conditions.await(name + " shows its metrics", START_LIMIT, () -> !isAlive() || hasMetrics());
    assertThat(isAlive()).as("%s is alive after its start", name).isTrue();
    return this;
  }

  public void awaitStarted() {
    Conditions.await(name + " has started", START_LIMIT, () -> !isAlive() || isStarted());
    assertThat(isAlive()).as("%s is alive after its start", name).isTrue();
  }

  boolean hasMetrics() {
    try {
      return !fetchMetrics().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether every component that shows metrics has started. */
  boolean isStarted() {
    try {
      Map<String, Map<String, String>> metrics = fetchMetrics();
      return !metrics.isEmpty()
          && metrics.values().stream().noneMatch(values -> "0".equals(values.get("StartTime")));
    } catch (IOException e) {
      return false;
    }
  }

  public void awaitPort(int port) {
    Conditions.await(name + " listens on " + port, START_LIMIT, () -> Ports.isOpen(port));
  }

  void awaitLog(String text) {
    Conditions.await(name + " logs \"" + text + "\"", START_LIMIT, () -> log().contains(text));
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  WatchedProcess process() {
    return process;
  }

  public void kill() {
    process.kill();
  }

  /** Where it shows its metrics and its health. */
  int adminPort() {
    return metricsPort;
  }

  /** What it answers to a request for a page, or empty when it does not answer. */
  Optional<HttpResponse<String>> get(String path) {
    URI uri = URI.create("http://127.0.0.1:" + metricsPort + path);
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build();
    try {
      return Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Stops it with SIGTERM and checks that it ends well; how long that took. */
  public Duration stop() {
    long begin = System.nanoTime();
    OptionalInt status = process.terminate(PATIENCE);
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(status)
        .as("exit status of %s after SIGTERM (it had %s; took %s)", name, PATIENCE, taken)
        .hasValue(statusAfterStop);
    return taken;
  }

  /** A metric now, or 0 when the agent shows none yet. */
  long metricIfShown(String component, String metric) {
    return hasMetrics() ? Math.max(0, metric(component, metric)) : 0;
  }

  /** A metric now, or -1 when the component does not show it. */
  public long metric(String component, String metric) {
    try {
      String value = fetchMetrics().getOrDefault(component, Map.of()).get(metric);
      return value == null ? -1 : (long) Double.parseDouble(value);
    } catch (IOException e) {
      throw new UncheckedIOException("Metrics of " + name, e);
    }
  }

  private Map<String, Map<String, String>> fetchMetrics() throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + metricsPort + "/metrics");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException(uri + " answers " + response.statusCode());
      }
      return JSON.readValue(response.body(), new TypeReference<>() {});
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
