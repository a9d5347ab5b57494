/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.logging;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The headers of a log event, as Flume's appender for log4j 1.x sets them. Immutable. */
public final class LogHeaders {
  public static final String LOGGER = "flume.client.log4j.logger.name";
  public static final String LEVEL = "flume.client.log4j.log.level";
  public static final String TIMESTAMP = "flume.client.log4j.timestamp";
  public static final String ADDRESS = "flume.client.log4j.address";
  public static final String ENCODING = "flume.client.log4j.message.encoding";

  private final Map<String, String> constants;

  /**
   * Looks up this host's address.
   *
   * @param more headers that every event has
   */
  public LogHeaders(Charset charset, Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(more);
    all.put(ENCODING, charset.equals(StandardCharsets.UTF_8) ? "UTF8" : charset.name());
    localAddress().ifPresent(address -> all.put(ADDRESS, address));
    constants = Map.copyOf(all);
  }

  private static Optional<String> localAddress() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostAddress());
    } catch (UnknownHostException e) {
      // A host that does not know its own name sends its events without this header.
      return Optional.empty();
    }
  }

  /**
   * The headers of one event.
   *
   * @param level log4j 1.x's number: FATAL 50000, ERROR 40000, WARN 30000, INFO 20000, DEBUG 10000,
   *     TRACE 5000
   */
  public Map<String, String> of(String logger, int level, long timestampMillis) {
    Map<String, String> headers = new LinkedHashMap<>(constants);
    headers.put(LOGGER, logger);
    headers.put(LEVEL, Integer.toString(level));
    headers.put(TIMESTAMP, Long.toString(timestampMillis));
    return headers;
  }
}
