/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.LogLimit;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs what happens, at a bounded rate. Safe for many threads. */
final class LoggingListener implements ClientListener {
  private static final Logger log = LoggerFactory.getLogger(EventClient.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final String name;
  private final LogLimit serverLimit = new LogLimit(INTERVAL);
  private final LogLimit eventLimit = new LogLimit(INTERVAL);

  LoggingListener(String name) {
    this.name = name;
  }

  @Override
  public void connected(ServerAddress server) {
    log.debug("Client {} is connected to {}", name, server);
  }

  @Override
  public void serverFailed(ServerAddress server, Throwable reason) {
    if (serverLimit.allows()) {
      log.warn(
          "Client {}: server {} is left out for a time: {} ({} more such lines were left out)",
          name,
          server,
          LogText.of(reason.getMessage()),
          serverLimit.takeLeftOut());
    }
  }

  @Override
  public void failed(int events, Throwable reason) {
    if (eventLimit.allows()) {
      log.warn(
          "Client {}: {} events were given up: {} ({} more such lines were left out)",
          name,
          events,
          LogText.of(reason.getMessage()),
          eventLimit.takeLeftOut());
    }
  }
}
