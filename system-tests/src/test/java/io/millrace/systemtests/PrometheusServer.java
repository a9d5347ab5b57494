/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A real Prometheus that scrapes agents every half second and judges them by the shipped rules, in
 * which minutes are made shorter. Safe for use by one thread.
 */
final class PrometheusServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TIME = Pattern.compile("(\\[|for: )(\\d+)(m|h)\\b");

  private final WatchedProcess process;
  private final int port;
  private final HttpClient http = HttpClient.newHttpClient();

  private PrometheusServer(WatchedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Leaves the test out, loudly, where the Debian package {@code prometheus} is not installed. */
  static void need() {
    if (!Tool.isThere("prometheus") || !Tool.isThere("promtool")) {
      Scene.say("LEFT OUT: the alerts were not tried, there is no prometheus here");
      abort("No prometheus here (apt-get install prometheus)");
    }
  }

  /**
   * @param millisPerMinute how long a minute of the rules is
   */
  static PrometheusServer start(Scene scene, int millisPerMinute, List<AgentProcess> agents) {
    need();
    Path directory = scene.directory("prometheus");
    int port = Ports.free();
    try {
      Files.writeString(directory.resolve("rules.yml"), rules(millisPerMinute));
      Files.writeString(directory.resolve("prometheus.yml"), configuration(agents));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    WatchedProcess process =
        WatchedProcess.start(
            "prometheus",
            List.of(
                "prometheus",
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--web.listen-address=127.0.0.1:" + port,
                "--log.level=warn"),
            directory,
            Map.of(),
            directory.resolve("log"));
    PrometheusServer server = new PrometheusServer(process, port);
    Conditions.await(
        "Prometheus is ready", START_LIMIT, () -> !process.isAlive() || server.isReady());
    if (!process.isAlive()) {
      throw new IllegalStateException("Prometheus ended: " + process.log());
    }
    return server;
  }

  /** The shipped rules, but a minute takes less. */
  private static String rules(int millisPerMinute) throws IOException {
    return TIME.matcher(Files.readString(shippedRules()))
        .replaceAll(match -> match.group(1) + millis(match) * millisPerMinute / 60_000 + "ms");
  }

  private static long millis(MatchResult match) {
    return Long.parseLong(match.group(2)) * (match.group(3).equals("h") ? 3_600_000L : 60_000L);
  }

  /** In the installation, where operators find them. */
  static Path shippedRules() {
    return Installation.command()
        .resolve("../../packaging/prometheus/millrace-alerts.yml")
        .normalize();
  }

  private static String configuration(List<AgentProcess> agents) {
    List<String> targets = new ArrayList<>();
    agents.forEach(agent -> targets.add("'127.0.0.1:" + agent.adminPort() + "'"));
    return """
        global:
          scrape_interval: 500ms
          evaluation_interval: 500ms
        rule_files: [rules.yml]
        scrape_configs:
          - job_name: millrace
            metrics_path: /metrics/prometheus
            static_configs:
              - targets: [%s]
        """
        .formatted(String.join(", ", targets));
  }

  private boolean isReady() {
    try {
      return get("/-/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** The names of the alerts that fire now. */
  Set<String> firing() {
    try {
      JsonNode alerts = JSON.readTree(get("/api/v1/alerts").body()).path("data").path("alerts");
      Set<String> firing = new TreeSet<>();
      for (JsonNode alert : alerts) {
        if (alert.path("state").asText().equals("firing")) {
          firing.add(alert.path("labels").path("alertname").asText());
        }
      }
      return firing;
    } catch (IOException e) {
      throw new UncheckedIOException("Alerts", e);
    }
  }

  /** Waits until all of these have fired, each at any time. */
  void awaitFired(Duration limit, Runnable meanwhile, String... names) {
    Set<String> missing = new TreeSet<>(Set.of(names));
    Conditions.await(
        "alerts fire: " + missing,
        limit,
        Duration.ofMillis(250),
        () -> {
          meanwhile.run();
          missing.removeAll(firing());
          return missing.isEmpty();
        });
    Scene.say("fired: " + String.join(", ", names));
  }

  private HttpResponse<String> get(String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    try {
      return http.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
