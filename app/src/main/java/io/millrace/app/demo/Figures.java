/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.Map;

/** What an agent's metrics say at one moment, in events. Immutable. */
record Figures(long read, long inChannel, long sent) {
  static final Figures ZERO = new Figures(0, 0, 0);

  private static final int TIMEOUT_MILLIS = 1000;
  private static final TypeReference<Map<String, Map<String, String>>> METRICS =
      new TypeReference<>() {};

  /**
   * Asks the agent whose metrics are on this port.
   *
   * @throws IOException when it does not answer
   */
  static Figures fetch(int port, ObjectMapper json) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    try (var in = connection.getInputStream()) {
      return of(json.readValue(in, METRICS));
    }
  }

  static Figures of(Map<String, Map<String, String>> metrics) {
    return new Figures(
        sum(metrics, "SOURCE.", "EventAcceptedCount"),
        sum(metrics, "CHANNEL.", "ChannelSize"),
        sum(metrics, "SINK.", "EventDrainSuccessCount"));
  }

  private static long sum(Map<String, Map<String, String>> metrics, String kind, String name) {
    return metrics.entrySet().stream()
        .filter(component -> component.getKey().startsWith(kind))
        .mapToLong(component -> Long.parseLong(component.getValue().getOrDefault(name, "0")))
        .sum();
  }

  /** Counts go on from those of the process before; what lies in the channel does not. */
  Figures after(Figures earlier) {
    return new Figures(earlier.read + read, inChannel, earlier.sent + sent);
  }
}
