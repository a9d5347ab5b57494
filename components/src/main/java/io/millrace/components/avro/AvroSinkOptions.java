/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.Wrapping;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Options of the avro sink. */
@Component(
    kind = ComponentKind.SINK,
    name = "avro",
    flumeClasses = "org.apache.flume.sink.AvroSink",
    summary = "Sends events over Avro RPC to an avro source of Millrace or Flume.")
public record AvroSinkOptions(
    @Option(doc = "Host to send to.", required = true) String hostname,
    @Option(doc = "Port to send to.", required = true, min = 1, max = 65535) int port,
    @Option(
            name = "batch-size",
            doc = "Most events in one call.",
            def = "100",
            min = 1,
            fallsBack = true)
        int batchSize,
    @Option(
            name = "max-in-flight",
            doc = "Most calls that wait for their answer at a time.",
            def = "8",
            min = 1,
            max = 1024)
        int maxInFlight,
    @Option(
            name = "preserve-order",
            doc =
                "Whether a Flume server gets one call at a time; it carries out several in any"
                    + " order. A Millrace server keeps their order in any case.",
            def = "true")
        boolean preserveOrder,
    @Option(
            name = "connect-timeout",
            doc = "Longest time to connect.",
            def = "20000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 1000,
            fallsBack = true)
        Duration connectTimeout,
    @Option(
            name = "request-timeout",
            doc = "Longest time from a call to its answer.",
            def = "20000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 1000,
            fallsBack = true)
        Duration requestTimeout,
    @Option(
            name = "reset-connection-interval",
            doc =
                "Age at which a connection gives way to a new one, once its calls are answered, to"
                    + " spread load over servers behind one address; for some up to a quarter"
                    + " earlier, so that many sinks do not connect at once. 0 for never.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration resetConnectionInterval,
    @Option(
            name = "compression-type",
            doc = "Whether the connection is compressed; must be what the server says.",
            def = "none")
        CompressionType compressionType,
    @Option(
            name = "compression-level",
            doc = "How hard to compress: 0 not at all, 9 the most.",
            def = "6",
            min = 0,
            max = 9)
        int compressionLevel,
    @OptionGroup ClientTlsOptions tls,
    @Option(
            name = "tls-outermost",
            doc =
                "With both ssl and compression: whether TLS lies outside, as Flume up to 1.9 has it;"
                    + " Flume since 1.10 compresses outside of TLS, and a Millrace server takes"
                    + " either.",
            def = "false")
        boolean isTlsOutermost,
    @Option(
            doc = "Most I/O threads.",
            noEffect = "one event loop serves the sink's connection, as in Flume since 1.10")
        Optional<String> maxIoWorkers,
    @Option(name = "client.type", doc = "Kind of client behind the sink.", noEffect = NO_CLIENTS)
        Optional<String> clientType,
    @Option(doc = "Names of several servers.", noEffect = NO_CLIENTS) Optional<String> hosts,
    @Option(name = "hosts.*", doc = "Addresses of several servers.", noEffect = NO_CLIENTS)
        Map<String, String> hostAddresses,
    @Option(
            name = "host-selector",
            doc = "How one of several servers is picked.",
            noEffect = NO_CLIENTS)
        Optional<String> hostSelector,
    @Option(doc = "Whether failed servers are left out for a time.", noEffect = NO_CLIENTS)
        Optional<String> backoff,
    @Option(doc = "Longest time to leave a server out.", noEffect = NO_CLIENTS)
        Optional<String> maxBackoff,
    @Option(name = "max-attempts", doc = "Most servers tried for a call.", noEffect = NO_CLIENTS)
        Optional<String> maxAttempts)
    implements SinkOptions {

  private static final String NO_CLIENTS =
      "the sink sends to 'hostname' alone; for several servers, put several avro sinks into a sink"
          + " group with processor.type failover or load_balance";

  public AvroSinkOptions {
    if (hostname.isBlank()) {
      throw new ConfigurationException(
          "hostname", "hostname is empty (expected: an address or host name)");
    }
  }

  @Override
  public Sink build(SinkContext context) {
    return new AvroSink(this::settings, resetConnectionInterval, maxInFlight, context);
  }

  /** Reads the trust store now. */
  ClientSettings settings() {
    return ClientSettings.of(
        hostname,
        port,
        connectTimeout,
        requestTimeout,
        preserveOrder,
        new Wrapping(
            compressionType.level(compressionLevel),
            tls.engines(hostname, port, TlsFallbacks.ofProcess()),
            isTlsOutermost));
  }
}
