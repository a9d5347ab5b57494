/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.kit.log.LogText;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsSelectionOptions;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Reads the properties of Flume's clients as they are. Confined to one call of {@link #read}.
 *
 * <p>As Flume has it: {@code client.type = default} is one server, {@code default_failover} the
 * first that works, {@code default_loadbalance} each in turn or at random; without {@code
 * max-attempts} an event is tried once at each server ({@code default}: once). {@code thrift} is
 * one server too, over Thrift RPC. Options beyond Flume's are {@code max-frame-size} with Thrift,
 * {@code linger}, {@code batch-bytes}, {@code max-in-flight}, {@code preserve-order}, {@code
 * max-buffered-bytes}, {@code max-blocking-time}, {@code delivery-timeout} and {@code
 * verify-hostname}; a certificate is checked against the host's name unless that is false.
 *
 * @since 0.1
 */
public final class FlumeProperties {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(20);
  private static final Duration DEFAULT_MAX_BACKOFF = Duration.ofSeconds(30);
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);

  private static final Map<String, String> TYPES =
      Map.of(
          "default", "default",
          "default_failover", "default_failover",
          "default_loadbalance", "default_loadbalance",
          "thrift", "thrift",
          "org.apache.flume.api.nettyavrorpcclient", "default",
          "org.apache.flume.api.failoverrpcclient", "default_failover",
          "org.apache.flume.api.loadbalancingrpcclient", "default_loadbalance",
          "org.apache.flume.api.thriftrpcclient", "thrift");

  /** Keys of the Thrift client, without effect on the others. */
  private static final List<String> THRIFT_KEYS =
      List.of(
          "maxConnections",
          "max-frame-size",
          "protocol",
          "kerberos",
          "client-principal",
          "client-keytab",
          "server-principal");

  private static final List<String> KERBEROS_KEYS =
      List.of("client-principal", "client-keytab", "server-principal");

  /** Keys of the Avro clients, without effect on the Thrift client. */
  private static final List<String> AVRO_KEYS =
      List.of("compression-type", "compression-level", "maxIoWorkers");

  private final PropertyReader reader;
  private final ClientBuilder builder = new ClientBuilder();

  private FlumeProperties(PropertyReader reader) {
    this.reader = reader;
  }

  /**
   * A builder that holds what was read, to be built or changed.
   *
   * @param warnings what has no effect, and what was replaced by a default
   */
  public record Result(ClientBuilder builder, List<String> warnings) {
    public Result {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reads the properties.
   *
   * @throws ConfigurationException that names everything that cannot be
   */
  public static Result read(Properties properties) {
    Map<String, String> map = new LinkedHashMap<>();
    properties.stringPropertyNames().stream()
        .sorted()
        .forEach(key -> map.put(key, properties.getProperty(key)));
    return read(map);
  }

  /** As {@link #read(Properties)}. */
  public static Result read(Map<String, String> properties) {
    PropertyReader reader = new PropertyReader(properties);
    FlumeProperties read = new FlumeProperties(reader);
    read.readAll();
    reader.describeUnread();
    if (!reader.errors().isEmpty()) {
      throw new ConfigurationException(
          "Client properties: " + String.join("; ", reader.errors()) + ". No client was made.");
    }
    return new Result(read.builder, reader.warnings());
  }

  private void readAll() {
    String given = reader.text("client.type").orElse("default");
    String type = TYPES.getOrDefault(given.toLowerCase(Locale.ROOT), "");
    switch (type) {
      case "default", "default_failover", "default_loadbalance" -> readAvro(type);
      case "thrift" -> readThrift();
      default -> {
        reader.takeAll();
        reader.error(
            "client.type",
            given,
            "(expected: default, default_failover, default_loadbalance or thrift; a client class of"
                + " your own cannot be loaded)");
      }
    }
  }

  private void readAvro(String type) {
    readCommon(type);
    readCompression();
    if (reader.text("maxIoWorkers").isPresent()) {
      reader.warn("maxIoWorkers", "has no effect: one thread serves the connections to a server");
    }
    for (String key : THRIFT_KEYS) {
      if (reader.text(key).isPresent()) {
        reader.warn(key, "has no effect: it is an option of the Thrift client");
      }
    }
  }

  private void readThrift() {
    readCommon("thrift");
    builder.thrift(
        new ThriftOptions(
            thriftProtocol(),
            reader
                .size(
                    "max-frame-size", ThriftOptions.LEAST_FRAME_SIZE, ThriftOptions.MOST_FRAME_SIZE)
                .orElse(ThriftOptions.FLUMES_FRAME_SIZE)));
    if (reader.flag("kerberos", false)) {
      reader.error(
          "kerberos",
          "true",
          "is not provided: Thrift over SASL with Kerberos (expected: false). Set ssl = true here and"
              + " at the source in its place");
    }
    for (String key : KERBEROS_KEYS) {
      if (reader.text(key).isPresent()) {
        reader.warn(key, "has no effect: Kerberos is not provided");
      }
    }
    if (reader.text("maxConnections").isPresent()) {
      reader.warn(
          "maxConnections",
          "has no effect: one connection carries several calls at a time; max-in-flight says how"
              + " many");
    }
    for (String key : AVRO_KEYS) {
      if (reader.text(key).isPresent()) {
        reader.warn(key, "has no effect: it is an option of the Avro clients");
      }
    }
  }

  /** What it does not know, Flume takes for compact, and files that rely on it may be about. */
  private ThriftProtocol thriftProtocol() {
    String given = reader.text("protocol").orElse("compact");
    return switch (given.toLowerCase(Locale.ROOT)) {
      case "binary" -> ThriftProtocol.BINARY;
      case "compact" -> ThriftProtocol.COMPACT;
      default -> {
        reader.warn(
            "protocol",
            "is '"
                + LogText.of(given)
                + "' (expected: compact or binary); compact is used, as Flume does");
        yield ThriftProtocol.COMPACT;
      }
    };
  }

  private void readCommon(String type) {
    int servers = readServers(type);
    readRouting(type);
    builder.maxAttempts(
        reader.number("max-attempts", 1, Integer.MAX_VALUE).map(Math::toIntExact).orElse(servers));
    reader
        .number("batch-size", 1, Integer.MAX_VALUE)
        .ifPresent(n -> builder.batchEvents((int) (long) n));
    builder.connectTimeout(timeout("connect-timeout"));
    builder.requestTimeout(timeout("request-timeout"));
    readTls();
    readOwn();
  }

  private int readServers(String type) {
    List<String> names = reader.words("hosts");
    if (names.isEmpty()) {
      reader.error("hosts", "", "is required: names of servers, each with hosts.NAME = host:port");
      return 1;
    }
    boolean isForOneServer = type.equals("default") || type.equals("thrift");
    if (isForOneServer && names.size() > 1) {
      reader.warn(
          "hosts",
          "names "
              + names.size()
              + " servers; the client of one server uses the first ("
              + names.get(0)
              + ")"
              + (type.equals("thrift")
                  ? ""
                  : ". Set client.type to default_failover or default_loadbalance to use all"));
      names.stream().skip(1).forEach(name -> reader.text("hosts." + name));
      names = names.subList(0, 1);
    }
    if (type.equals("default_loadbalance") && names.size() == 1) {
      reader.warn("hosts", "names one server: there is no load to balance");
    }
    for (String name : names) {
      String key = "hosts." + name;
      Optional<String> address = reader.text(key);
      if (address.isEmpty()) {
        reader.error(key, "", "is required, for hosts names it (expected: host:port)");
        continue;
      }
      try {
        builder.server(ServerAddress.parse(address.get()));
      } catch (IllegalArgumentException e) {
        reader.error(key, address.get(), "(expected: host:port)");
      }
    }
    return names.size();
  }

  private void readRouting(String type) {
    boolean isBalancing = type.equals("default_loadbalance");
    Optional<String> selector = reader.text("host-selector");
    boolean hasBackoff = reader.flag("backoff", false);
    Duration maxBackoff =
        reader
            .number("maxBackoff", 0, ClientOptions.LONGEST_TIME.toMillis())
            .filter(millis -> millis > 0)
            .map(Duration::ofMillis)
            .orElse(DEFAULT_MAX_BACKOFF);
    if (!isBalancing) {
      for (String key : List.of("host-selector", "backoff", "maxBackoff")) {
        if (reader.isSet(key)) {
          reader.warn(key, "has no effect: it is an option of default_loadbalance");
        }
      }
      return;
    }
    if (hasBackoff) {
      builder.backoff(
          FIRST_BACKOFF.compareTo(maxBackoff) < 0 ? FIRST_BACKOFF : maxBackoff, maxBackoff);
    } else if (reader.isSet("maxBackoff")) {
      reader.warn("maxBackoff", "has no effect without backoff = true");
    }
    switch (selector.orElse("round_robin").toLowerCase(Locale.ROOT)) {
      case "round_robin" -> builder.routing(Routing.ROUND_ROBIN);
      case "random" -> builder.routing(Routing.RANDOM);
      default ->
          reader.error(
              "host-selector",
              selector.orElseThrow(),
              "(expected: round_robin or random; a class of your own cannot be loaded)");
    }
  }

  /** Below a second Flume takes its default, and files that rely on it are about. */
  private Duration timeout(String key) {
    Optional<Long> millis = reader.number(key, 0, ClientOptions.LONGEST_TIME.toMillis());
    if (millis.isPresent() && millis.get() < 1000) {
      reader.warn(key, "is below 1000 ms; 20000 ms is used, as Flume does");
      return DEFAULT_TIMEOUT;
    }
    return millis.map(Duration::ofMillis).orElse(DEFAULT_TIMEOUT);
  }

  private void readCompression() {
    Optional<String> type = reader.text("compression-type");
    int level = reader.number("compression-level", 0, 9).map(Math::toIntExact).orElse(6);
    switch (type.orElse("none").toLowerCase(Locale.ROOT)) {
      case "deflate" -> builder.compression(level);
      case "none" -> {
        if (reader.isSet("compression-level")) {
          reader.warn("compression-level", "has no effect without compression-type = deflate");
        }
      }
      default ->
          reader.error("compression-type", type.orElseThrow(), "(expected: none or deflate)");
    }
  }

  private void readTls() {
    boolean isOn = reader.flag("ssl", false);
    ClientTlsOptions tls =
        new ClientTlsOptions(
            isOn,
            reader.flag("trust-all-certs", false),
            reader.flag("verify-hostname", true),
            reader.text("truststore").map(Path::of),
            reader.secret("truststore-password"),
            reader.text("truststore-type"),
            new TlsSelectionOptions(
                reader.words("exclude-protocols"),
                reader.words("include-protocols"),
                reader.words("exclude-cipher-suites"),
                reader.words("include-cipher-suites")));
    builder.tls(tls);
    if (!isOn && reader.isSet("truststore")) {
      reader.warn("truststore", "has no effect without ssl = true");
    }
  }

  private void readOwn() {
    long longest = ClientOptions.LONGEST_TIME.toMillis();
    reader.number("linger", 0, longest).map(Duration::ofMillis).ifPresent(builder::linger);
    reader
        .number("delivery-timeout", 1, longest)
        .map(Duration::ofMillis)
        .ifPresent(builder::deliveryTimeout);
    reader
        .number("max-blocking-time", 0, longest)
        .map(millis -> new WhenFull(Duration.ofMillis(millis)))
        .ifPresent(builder::whenFull);
    reader
        .number("max-in-flight", 1, ClientOptions.MAX_IN_FLIGHT)
        .map(Math::toIntExact)
        .ifPresent(builder::maxInFlight);
    builder.preserveOrder(reader.flag("preserve-order", true));
    reader
        .size("batch-bytes", DataSize.ofBytes(1), DataSize.ofBytes(ClientOptions.MAX_BATCH_BYTES))
        .ifPresent(builder::batchBytes);
    reader
        .size("max-buffered-bytes", DataSize.ofBytes(4096), DataSize.ofBytes(Long.MAX_VALUE / 2))
        .ifPresent(builder::maxBufferedBytes);
  }
}
