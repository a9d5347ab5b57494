/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

/** The metrics of an agent on a host, over its admin port. Safe for many threads. */
final class AgentMetrics {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final URI uri;

  AgentMetrics(Place admin) {
    this.uri = URI.create("http://" + admin + "/metrics");
  }

  /** Whether all its components have started. */
  boolean isStarted() {
    Map<String, Map<String, String>> metrics = now();
    return !metrics.isEmpty()
        && metrics.values().stream().noneMatch(values -> "0".equals(values.get("StartTime")));
  }

  /** The sum over all components of a kind, such as {@code SINK}; 0 when none shows it. */
  long sum(String kind, String metric) {
    return now().entrySet().stream()
        .filter(component -> component.getKey().startsWith(kind + "."))
        .map(component -> component.getValue().get(metric))
        .mapToLong(value -> value == null ? 0 : (long) Double.parseDouble(value))
        .sum();
  }

  /** Empty when the agent shows none now. */
  private Map<String, Map<String, String>> now() {
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(LIMIT).build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return response.statusCode() == 200
          ? JSON.readValue(response.body(), new TypeReference<>() {})
          : Map.of();
    } catch (IOException e) {
      return Map.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    }
  }
}
