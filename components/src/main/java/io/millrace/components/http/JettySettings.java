/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.ConfigurationException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What Flume hands on to its web server, Jetty, by the names of Jetty's setters: what has a meaning
 * here is taken over, what protects is not ignored, and the rest is answered. Immutable.
 */
final class JettySettings {
  static final String QUEUED_THREAD_POOL = "QueuedThreadPool.";
  static final String HTTP_CONFIGURATION = "HttpConfiguration.";
  static final String SERVER_CONNECTOR = "ServerConnector.";
  static final String SSL_CONTEXT_FACTORY = "SslContextFactory.";

  private static final String HEADER_SIZE = HTTP_CONFIGURATION + "requestHeaderSize";
  private static final String IDLE_TIMEOUT = SERVER_CONNECTOR + "idleTimeout";
  private static final String BACKLOG = SERVER_CONNECTOR + "acceptQueueSize";
  private static final Set<String> HONOURED = Set.of(HEADER_SIZE, IDLE_TIMEOUT, BACKLOG);

  /** To leave these out would let in whom they keep out. */
  private static final Set<String> PROTECTIONS =
      Set.of(
          "needClientAuth",
          "wantClientAuth",
          "validateCerts",
          "validatePeerCerts",
          "enableCRLDP",
          "enableOCSP");

  private static final int MAX_HEADER_BYTES = 1 << 20;

  private final Map<String, String> values = new HashMap<>();

  JettySettings(
      Map<String, String> threadPool,
      Map<String, String> httpConfiguration,
      Map<String, String> serverConnector,
      Map<String, String> sslContextFactory,
      boolean isTls) {
    threadPool.forEach((key, value) -> values.put(QUEUED_THREAD_POOL + key, value));
    httpConfiguration.forEach((key, value) -> values.put(HTTP_CONFIGURATION + key, value));
    serverConnector.forEach((key, value) -> values.put(SERVER_CONNECTOR + key, value));
    sslContextFactory.forEach((key, value) -> values.put(SSL_CONTEXT_FACTORY + key, value));
    if (isTls) {
      sslContextFactory.forEach(JettySettings::checkProtection);
    }
    headerBytes();
    idleTimeout();
    backlog();
  }

  private static void checkProtection(String key, String value) {
    if (PROTECTIONS.contains(key) && value.equalsIgnoreCase("true") || key.equals("crlPath")) {
      throw new ConfigurationException(
          SSL_CONTEXT_FACTORY + key,
          SSL_CONTEXT_FACTORY
              + key
              + " is a setting of Jetty that keeps clients out and is not provided (expected:"
              + " client-auth = required or optional, with truststore, truststore-password and"
              + " truststore-type; or no such line)");
    }
  }

  Optional<Integer> headerBytes() {
    return number(HEADER_SIZE, 256, MAX_HEADER_BYTES).map(Long::intValue);
  }

  /** Jetty: 0 or less is for ever. */
  Optional<Duration> idleTimeout() {
    return number(IDLE_TIMEOUT, Long.MIN_VALUE, Long.MAX_VALUE)
        .map(millis -> Duration.ofMillis(Math.max(0, millis)));
  }

  Optional<Integer> backlog() {
    return number(BACKLOG, 0, Integer.MAX_VALUE).map(Long::intValue);
  }

  private Optional<Long> number(String key, long min, long max) {
    String text = values.get(key);
    if (text == null) {
      return Optional.empty();
    }
    try {
      long number = Long.parseLong(text.trim());
      if (number >= min && number <= max) {
        return Optional.of(number);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new ConfigurationException(
        key, key + ": '" + text + "' (expected: a number" + range(min, max) + ")");
  }

  private static String range(long min, long max) {
    return min == Long.MIN_VALUE ? "" : " from " + min + " to " + max;
  }

  /** Every setting without an effect, with the reason. */
  Map<String, String> ineffective(boolean isTls) {
    Map<String, String> reasons = new HashMap<>();
    values.keySet().stream()
        .filter(key -> !HONOURED.contains(key))
        .forEach(key -> reasons.put(key, reason(key, isTls)));
    return reasons;
  }

  private static String reason(String key, boolean isTls) {
    if (key.startsWith(QUEUED_THREAD_POOL)) {
      return "a few event loops serve all connections; there is no pool of threads";
    }
    if (key.startsWith(SSL_CONTEXT_FACTORY)) {
      return isTls
          ? "it is a setting of Jetty; the options ssl, keystore*, truststore*, client-auth and"
              + " include-* and exclude-* say what TLS does"
          : "ssl is not true";
    }
    if (Stream.of("send", "output", "response").anyMatch(word -> name(key).startsWith(word))) {
      return "answers are a line of text at most, and name no server";
    }
    return "it is a setting of Jetty, which this source does not use (with an effect: "
        + HEADER_SIZE
        + ", "
        + IDLE_TIMEOUT
        + ", "
        + BACKLOG
        + ")";
  }

  private static String name(String key) {
    return key.substring(key.indexOf('.') + 1);
  }
}
