/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.bench.Product.Launch;
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
import java.util.concurrent.TimeUnit;

/** A started agent of either product. Its output is in {@code agent.log} of its directory. */
final class AgentProcess implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

  private final Process process;
  private final Path log;
  private final InetSocketAddress source;
  private final URI metrics;
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private Duration startTime = Duration.ZERO;

  private AgentProcess(Process process, Path log, InetSocketAddress source, URI metrics) {
    this.process = process;
    this.log = log;
    this.source = source;
    this.metrics = metrics;
  }

  /** Starts the agent and waits until its source accepts and its channel has metrics. */
  static AgentProcess start(Product product, Path root, Launch launch, int sourcePort)
      throws IOException, InterruptedException {
    Path log = launch.directory().resolve("agent.log");
    ProcessBuilder builder =
        new ProcessBuilder(product.command(root, launch))
            .directory(launch.directory().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    InetAddress loopback = InetAddress.getLoopbackAddress();
    AgentProcess agent =
        new AgentProcess(
            builder.start(),
            log,
            new InetSocketAddress(loopback, sourcePort),
            URI.create("http://127.0.0.1:" + launch.monitoringPort() + "/metrics"));
    try {
      agent.awaitReady();
      return agent;
    } catch (IOException | InterruptedException | RuntimeException e) {
      agent.close();
      throw e;
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    long startNanos = System.nanoTime();
    while (!isReady()) {
      if (!process.isAlive()) {
        throw new IOException("the agent ended at start, see " + log + ":\n" + tail());
      }
      if (System.nanoTime() - startNanos > START_TIMEOUT.toNanos()) {
        throw new IOException("not ready after " + START_TIMEOUT + ", see " + log + ":\n" + tail());
      }
      Pause.of(POLL_INTERVAL);
    }
    startTime = Duration.ofNanos(System.nanoTime() - startNanos);
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
    return text.substring(Math.max(0, text.length() - 4000));
  }

  /** One metric of channel {@code c1}. */
  long channelMetric(String name) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build();
    JsonNode value =
        json.readTree(http.send(request, HttpResponse.BodyHandlers.ofString()).body())
            .path("CHANNEL.c1")
            .path(name);
    if (value.isMissingNode()) {
      throw new IOException("no metric " + name + " of CHANNEL.c1 at " + metrics);
    }
    return value.asLong();
  }

  InetSocketAddress source() {
    return source;
  }

  /** Time until the source accepted. */
  Duration startTime() {
    return startTime;
  }

  /** The Java process: a launcher script may stand in front of it. */
  ProcessFacts facts() {
    return new ProcessFacts(
        process.descendants().map(ProcessHandle::pid).findFirst().orElse(process.pid()));
  }

  /** Asks for an orderly stop; answers how long it took. */
  Duration stop() throws InterruptedException {
    long startNanos = System.nanoTime();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    if (!process.waitFor(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
      close();
    }
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
