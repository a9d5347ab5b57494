/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.admin.AdminEndpoint;
import io.millrace.app.admin.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the system properties {@code flume.monitoring.*} and {@code millrace.admin.*} ask for: one
 * endpoint, under Flume's names or under ours. Immutable.
 */
final class Monitoring {
  private static final Logger log = LoggerFactory.getLogger(Monitoring.class);
  private static final int DEFAULT_PORT = 41414;
  private static final String ADMIN_PORT = "millrace.admin.port";
  private static final String ADMIN_BIND = "millrace.admin.bind";
  private static final String ADMIN_COMMANDS = "millrace.admin.commands";

  private final UnaryOperator<String> properties;

  /**
   * @param properties gives a system property, or null
   */
  Monitoring(UnaryOperator<String> properties) {
    this.properties = properties;
  }

  /**
   * Where an endpoint is asked for; empty when none is, or when it cannot be had, which is said.
   * Loopback unless opened by name: the figures tell much, and nobody is asked who they are.
   */
  Optional<InetSocketAddress> address() {
    String type = property("flume.monitoring.type").orElse("").toLowerCase(Locale.ROOT);
    if (!type.isEmpty() && !type.equals("http")) {
      log.warn(
          "flume.monitoring.type={} is not provided in this version (there is: http; JMX beans"
              + " are always registered). The agent runs without it.",
          type);
    }
    boolean isAskedFor = type.equals("http") || property(ADMIN_PORT).isPresent();
    return isAskedFor ? askedAddress() : Optional.empty();
  }

  /** Who may give commands over HTTP: this host, unless the operator says otherwise. */
  Route.Access commandAccess() {
    String access = property(ADMIN_COMMANDS).orElse("loopback").toLowerCase(Locale.ROOT);
    switch (access) {
      case "loopback":
        return Route.Access.LOOPBACK;
      case "any":
        return Route.Access.ANYONE;
      case "none":
        return Route.Access.NOBODY;
      default:
        log.error(
            "{}: '{}' (expected: loopback, any or none). No commands are taken over HTTP.",
            ADMIN_COMMANDS,
            access);
        return Route.Access.NOBODY;
    }
  }

  /**
   * Opens the endpoint. A port that cannot be had is said, and the agent runs without it: metrics
   * must not keep events from flowing.
   */
  Optional<AdminEndpoint> open(InetSocketAddress address, List<Route> routes) {
    try {
      AdminEndpoint endpoint = AdminEndpoint.open(address, routes);
      log.info(
          "Metrics and health are on http://{}:{}/",
          endpoint.address().getHostString(),
          endpoint.address().getPort());
      return Optional.of(endpoint);
    } catch (IOException e) {
      log.error(
          "Metrics and health cannot be served on {}:{}: {}. Give another port with"
              + " -Dflume.monitoring.port=N. The agent runs without them.",
          address.getHostString(),
          address.getPort(),
          e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<InetSocketAddress> askedAddress() {
    String bindName = property(ADMIN_BIND).isPresent() ? ADMIN_BIND : "flume.monitoring.bind";
    String portName = property(ADMIN_PORT).isPresent() ? ADMIN_PORT : "flume.monitoring.port";
    String bind = property(bindName).orElse("");
    String port = property(portName).orElse(String.valueOf(DEFAULT_PORT));
    try {
      InetAddress host =
          bind.isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(bind);
      return Optional.of(new InetSocketAddress(host, Integer.parseInt(port)));
    } catch (UnknownHostException e) {
      log.error(
          "{}: '{}' is not an address of this host. The agent runs without metrics and health over"
              + " HTTP.",
          bindName,
          bind);
    } catch (IllegalArgumentException e) {
      log.error(
          "{}: '{}' (expected: 0 to 65535). The agent runs without metrics and health over HTTP.",
          portName,
          port);
    }
    return Optional.empty();
  }

  private Optional<String> property(String name) {
    return Optional.ofNullable(properties.apply(name)).map(String::trim);
  }
}
