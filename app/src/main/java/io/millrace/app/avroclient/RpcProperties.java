/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.Wrapping;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * A properties file of Flume's RPC client: where to send and how. Values that cannot be used are
 * errors, names that say nothing here are {@link #remarks}. Immutable.
 *
 * @param servers in the order in which they are tried
 * @param batchSize most events in one call
 */
public record RpcProperties(List<ClientSettings> servers, int batchSize, List<String> remarks) {
  static final int DEFAULT_BATCH_SIZE = 100;

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);
  private static final long MIN_TIMEOUT_MILLIS = 1000;
  private static final int DEFAULT_COMPRESSION_LEVEL = 6;
  private static final Set<String> ONE_AFTER_ANOTHER =
      Set.of("", "default", "default_failover", "default_loadbalance");

  public RpcProperties {
    servers = List.copyOf(servers);
    remarks = List.copyOf(remarks);
  }

  /** One server and nothing else said. */
  public static RpcProperties of(String host, int port, int batchSize) {
    return new RpcProperties(
        List.of(
            ClientSettings.of(host, port, DEFAULT_TIMEOUT, DEFAULT_TIMEOUT, true, Wrapping.NONE)),
        batchSize,
        List.of());
  }

  /** The pairs of a properties file. */
  public static Map<String, String> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    Map<String, String> pairs = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> pairs.put(key, properties.getProperty(key)));
    return pairs;
  }

  /**
   * Reads the properties.
   *
   * @throws IllegalArgumentException with the key, when one cannot be used
   * @throws io.millrace.api.MillraceException when the trust store cannot
   */
  public static RpcProperties parse(Map<String, String> properties) {
    Values values = new Values(properties);
    String type = values.text("client.type").orElse("").toLowerCase(Locale.ROOT);
    if (!ONE_AFTER_ANOTHER.contains(type)) {
      throw new IllegalArgumentException(
          "client.type: '"
              + type
              + "' (expected: default, default_failover or default_loadbalance)");
    }
    int batchSize = values.number("batch-size", DEFAULT_BATCH_SIZE, 1, 1_000_000);
    Duration connectTimeout = values.timeout("connect-timeout");
    Duration requestTimeout = values.timeout("request-timeout");
    Optional<Integer> compression = compression(values);
    ClientTlsOptions tls = tls(values);
    List<ClientSettings> servers = new ArrayList<>();
    for (String name : values.list("hosts")) {
      String address =
          values
              .text("hosts." + name)
              .orElseThrow(
                  () -> new IllegalArgumentException("hosts." + name + " is missing (host:port)"));
      int colon = address.lastIndexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException(
            "hosts." + name + ": '" + address + "' (expected: host:port)");
      }
      String host = address.substring(0, colon);
      int port = Values.parse("hosts." + name, address.substring(colon + 1), 1, 65535);
      servers.add(
          ClientSettings.of(
              host,
              port,
              connectTimeout,
              requestTimeout,
              true,
              new Wrapping(
                  compression,
                  tls.engines(host, port, TlsFallbacks.ofProcess()),
                  values.flag("tls-outermost", false))));
    }
    if (servers.isEmpty()) {
      throw new IllegalArgumentException(
          "hosts is missing (expected: names, each with a line hosts.NAME = host:port)");
    }
    List<String> remarks = new ArrayList<>();
    if (type.equals("default_loadbalance")) {
      remarks.add("default_loadbalance: one server is used at a time, the next when it fails.");
    }
    Set<String> unused = values.unused();
    if (!unused.isEmpty()) {
      remarks.add("Without effect here: " + String.join(", ", unused) + ".");
    }
    return new RpcProperties(servers, batchSize, remarks);
  }

  private static Optional<Integer> compression(Values values) {
    int level = values.number("compression-level", DEFAULT_COMPRESSION_LEVEL, 0, 9);
    String type = values.text("compression-type").orElse("none").toLowerCase(Locale.ROOT);
    return switch (type) {
      case "none" -> Optional.empty();
      case "deflate" -> Optional.of(level);
      default ->
          throw new IllegalArgumentException(
              "compression-type: '" + type + "' (expected: none or deflate)");
    };
  }

  private static ClientTlsOptions tls(Values values) {
    return new ClientTlsOptions(
        values.flag("ssl", false),
        values.flag("trust-all-certs", false),
        values.flag("verify-hostname", true),
        values.text("truststore").map(Path::of),
        values.text("truststore-password"),
        values.text("truststore-type"),
        values.text("keystore").map(Path::of),
        values.text("keystore-password"),
        values.text("keystore-type"),
        new TlsSelectionOptions(
            values.list("exclude-protocols"),
            values.list("include-protocols"),
            values.list("exclude-cipher-suites"),
            values.list("include-cipher-suites")));
  }

  /** Values by name, and which of them nobody asked for. Confined to one thread. */
  private static final class Values {
    private final Map<String, String> properties;
    private final Set<String> unused;

    Values(Map<String, String> properties) {
      this.properties = properties;
      unused = new TreeSet<>(properties.keySet());
    }

    Set<String> unused() {
      return unused;
    }

    Optional<String> text(String name) {
      unused.remove(name);
      return Optional.ofNullable(properties.get(name))
          .map(String::trim)
          .filter(text -> !text.isEmpty());
    }

    List<String> list(String name) {
      return text(name).map(text -> List.of(text.split("\\s+"))).orElse(List.of());
    }

    boolean flag(String name, boolean def) {
      return text(name).map(Boolean::parseBoolean).orElse(def);
    }

    int number(String name, int def, int min, int max) {
      return text(name).map(text -> parse(name, text, min, max)).orElse(def);
    }

    /** Less than a second means the default, as in Flume. */
    Duration timeout(String name) {
      int millis = number(name, (int) DEFAULT_TIMEOUT.toMillis(), 0, Integer.MAX_VALUE);
      return millis < MIN_TIMEOUT_MILLIS ? DEFAULT_TIMEOUT : Duration.ofMillis(millis);
    }

    static int parse(String name, String text, int min, int max) {
      try {
        int number = Integer.parseInt(text);
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Answered below like a number out of range.
      }
      throw new IllegalArgumentException(
          name + ": '" + text + "' (expected: " + min + " to " + max + ")");
    }
  }
}
