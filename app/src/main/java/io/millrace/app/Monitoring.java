/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the system properties {@code flume.monitoring.*} ask for. Immutable. */
final class Monitoring {
  private static final Logger log = LoggerFactory.getLogger(Monitoring.class);
  private static final int DEFAULT_PORT = 41414;

  private final UnaryOperator<String> properties;

  /**
   * @param properties gives a system property, or null
   */
  Monitoring(UnaryOperator<String> properties) {
    this.properties = properties;
  }

  /**
   * Opens what is asked for. What cannot be had is said, and the agent runs without it: metrics
   * must not keep events from flowing.
   */
  Optional<MetricsEndpoint> open(Supplier<Map<String, Map<String, String>>> snapshot) {
    String type = property("type", "").toLowerCase(Locale.ROOT);
    return switch (type) {
      case "" -> Optional.empty();
      case "http" -> openHttp(snapshot);
      default -> {
        log.warn(
            "flume.monitoring.type={} is not provided in this version (there is: http; JMX beans"
                + " are always registered). The agent runs without it.",
            type);
        yield Optional.empty();
      }
    };
  }

  private Optional<MetricsEndpoint> openHttp(Supplier<Map<String, Map<String, String>>> snapshot) {
    Optional<InetSocketAddress> address = address();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      MetricsEndpoint endpoint = MetricsEndpoint.open(address.get(), snapshot);
      log.info(
          "Metrics are on http://{}:{}/metrics",
          endpoint.address().getHostString(),
          endpoint.address().getPort());
      return Optional.of(endpoint);
    } catch (IOException e) {
      log.error(
          "Metrics cannot be served on {}:{}: {}. Give another port with"
              + " -Dflume.monitoring.port=N. The agent runs without them.",
          address.get().getHostString(),
          address.get().getPort(),
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Loopback unless opened by name: the figures tell much, and nobody is asked who they are. */
  private Optional<InetSocketAddress> address() {
    String bind = property("bind", "");
    String port = property("port", String.valueOf(DEFAULT_PORT));
    try {
      InetAddress host =
          bind.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(bind);
      return Optional.of(new InetSocketAddress(host, Integer.parseInt(port)));
    } catch (UnknownHostException e) {
      log.error(
          "flume.monitoring.bind: '{}' is not an address of this host. The agent runs without"
              + " metrics over HTTP.",
          bind);
    } catch (IllegalArgumentException e) {
      log.error(
          "flume.monitoring.port: '{}' (expected: 0 to 65535). The agent runs without metrics over"
              + " HTTP.",
          port);
    }
    return Optional.empty();
  }

  private String property(String name, String fallback) {
    String value = properties.apply("flume.monitoring." + name);
    return value == null ? fallback : value.trim();
  }
}
