/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.bench.agent.Product.Launch;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A started agent of either product. Its output is in {@code agent.log} of its directory. Closing
 * kills it.
 */
public final class AgentProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
  private static final int MAX_TAIL_CHARACTERS = 4000;

  private final Process process;

  /** A run that is broken off leaves no agent behind. */
  private final Thread killAtExit;

  private final long startNanos;
  private final Path log;
  private final InetSocketAddress source;
  private final URI metrics;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();

  private AgentProcess(
      Process process, long startNanos, Path log, InetSocketAddress source, URI metrics) {
    this.process = process;
    this.killAtExit = new Thread(this::kill, "kill-agent");
    this.startNanos = startNanos;
    this.log = log;
    this.source = source;
    this.metrics = metrics;
  }

  /** Starts the agent and does not wait for anything. */
  public static AgentProcess launch(Product product, Flow flow, List<String> jvmOptions)
      throws IOException {
    if (flow.sink() instanceof Flow.FileRollSink) {
      Files.createDirectories(flow.rollDirectory());
    }
    return launch(product, flow.directory(), flow.text(), flow.sourcePort(), jvmOptions);
  }

  /**
   * Starts an agent {@code a1} with that configuration, whose source listens on that port of
   * loopback and whose channel is {@code c1}; does not wait for anything.
   */
  public static AgentProcess launch(
      Product product, Path directory, String text, int sourcePort, List<String> jvmOptions)
      throws IOException {
    Path file = directory.resolve("flow.conf");
    Files.writeString(file, text);
    int monitoringPort = Ports.free(1)[0];
    Launch launch = new Launch(directory, file, monitoringPort, jvmOptions);
    Path log = directory.resolve("agent.log");
    ProcessBuilder builder =
        new ProcessBuilder(product.command(BenchDirectories.root(), launch))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    long startNanos = System.nanoTime();
    AgentProcess agent =
        new AgentProcess(
            builder.start(),
            startNanos,
            log,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), sourcePort),
            URI.create("http://127.0.0.1:" + monitoringPort + "/metrics"));
    Runtime.getRuntime().addShutdownHook(agent.killAtExit);
    return agent;
  }

  /** Starts the agent and waits until its source accepts and its channel has metrics. */
  public static AgentProcess start(Product product, Flow flow, List<String> jvmOptions)
      throws IOException, InterruptedException {
    AgentProcess agent = launch(product, flow, jvmOptions);
    try {
      agent.awaitReady(START_TIMEOUT);
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  /**
   * Waits until the source accepts and the channel has metrics.
   *
   * @return the time from the process's start to then
   */
  public Duration awaitReady(Duration limit) throws IOException, InterruptedException {
    while (!isReady()) {
      requireAlive();
      if (age().compareTo(limit) > 0) {
        throw new IOException("not ready after " + limit + ", see " + log + ":\n" + tail());
      }
      Pause.of(POLL_INTERVAL);
    }
    return age();
  }

  /** Throws, with the end of its log, when the process has ended. */
  public void requireAlive() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the agent has ended, see " + log + ":\n" + tail());
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  private boolean isReady() throws InterruptedException {
    try (Socket probe = new Socket()) {
      probe.connect(source, 1000);
      return channelMetric("EventTakeSuccessCount") >= 0;
    } catch (IOException e) {
      return false; // not yet
    }
  }

  private String tail() throws IOException {
    String text = Files.readString(log);
    return text.substring(Math.max(0, text.length() - MAX_TAIL_CHARACTERS));
  }

  /** One metric of channel {@code c1}. */
  public long channelMetric(String name) throws IOException, InterruptedException {
    return channelMetrics().count(name);
  }

  /** All metrics of channel {@code c1} at one moment; fails as long as there is none. */
  public ChannelMetrics channelMetrics() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build();
    String body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    JsonNode channel = json.readTree(body).path("CHANNEL.c1");
    if (channel.isMissingNode()) {
      throw new IOException("no CHANNEL.c1 at " + metrics);
    }
    return new ChannelMetrics(channel);
  }

  /** What the channel said of itself. */
  public record ChannelMetrics(JsonNode values) {
    public long count(String name) throws IOException {
      JsonNode value = values.path(name);
      if (value.isMissingNode()) {
        throw new IOException("no metric " + name + " of CHANNEL.c1");
      }
      return value.asLong();
    }

    public long eventsPut() throws IOException {
      return count("EventPutSuccessCount");
    }

    public long eventsTaken() throws IOException {
      return count("EventTakeSuccessCount");
    }

    public long eventsInside() throws IOException {
      return count("ChannelSize");
    }
  }

  public InetSocketAddress source() {
    return source;
  }

  /** Time since the process was started. */
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  /** On the clock of {@link System#nanoTime}. */
  public long startNanos() {
    return startNanos;
  }

  /** The Java process: a launcher script may stand in front of it. */
  public ProcessFacts facts() {
    return new ProcessFacts(
        process.descendants().map(ProcessHandle::pid).findFirst().orElse(process.pid()));
  }

  /** Asks for an orderly stop; answers how long it took. */
  public Duration stop() throws InterruptedException {
    long stopNanos = System.nanoTime();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      close();
    }
    return Duration.ofNanos(System.nanoTime() - stopNanos);
  }

  private void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  /** Kills the process, as {@code kill -9} does, and waits for its end. */
  @Override
  public void close() throws InterruptedException {
    kill();
    process.waitFor(KILL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    try {
      Runtime.getRuntime().removeShutdownHook(killAtExit);
    } catch (IllegalStateException e) {
      return; // this JVM is ending, and the hook finds nothing to do
    }
  }
}
