/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.kit.tls.ClientTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.Wrapping;
import java.time.Duration;
import java.util.Optional;

/** Options of the thrift sink. */
@Component(
    kind = ComponentKind.SINK,
    name = "thrift",
    flumeClasses = "org.apache.flume.sink.ThriftSink",
    summary = "Sends events over Thrift RPC to a thrift source of Millrace or Flume.")
public record ThriftSinkOptions(
    @Option(doc = "Host to send to.", required = true) String hostname,
    @Option(doc = "Port to send to.", required = true, min = 1, max = 65535) int port,
    @Option(doc = "Encoding; must be what the server says.", def = "compact", fallsBack = true)
        ThriftProtocol protocol,
    @Option(
            name = "batch-size",
            doc = "Most events in one call.",
            def = "100",
            min = 1,
            fallsBack = true)
        int batchSize,
    @Option(
            name = "max-in-flight",
            doc =
                "Most calls that wait for their answer at a time; a Thrift server carries them out"
                    + " in their order.",
            def = "8",
            min = 1,
            max = 1024)
        int maxInFlight,
    @Option(
            name = "max-frame-size",
            doc =
                "Longest frame that the server takes; Flume's take 16384000 bytes. A longer batch is"
                    + " sent in pieces.",
            def = "16384000",
            bareUnit = BareUnit.BYTES,
            min = 1024,
            max = 1 << 30)
        DataSize maxFrameSize,
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
            aliases = "connection-reset-interval",
            doc =
                "Age at which a connection gives way to a new one, once its calls are answered, to"
                    + " spread load over servers behind one address; for some up to a quarter"
                    + " earlier, so that many sinks do not connect at once. 0 for never.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration resetConnectionInterval,
    @OptionGroup ClientTlsOptions tls,
    @Option(
            doc = "Most connections.",
            noEffect =
                "the sink has one connection, as in Flume; max-in-flight says how many calls are"
                    + " under way on it")
        Optional<String> maxConnections,
    @Option(doc = "Whether to speak SASL with Kerberos, which is not provided.", def = "false")
        boolean kerberos,
    @Option(
            name = "client-principal",
            doc = "Kerberos principal of the sink.",
            noEffect = Kerberos.NO_EFFECT)
        Optional<String> clientPrincipal,
    @Option(
            name = "client-keytab",
            doc = "Keytab of that principal.",
            noEffect = Kerberos.NO_EFFECT)
        Optional<String> clientKeytab,
    @Option(
            name = "server-principal",
            doc = "Kerberos principal of the server.",
            noEffect = Kerberos.NO_EFFECT)
        Optional<String> serverPrincipal)
    implements SinkOptions {

  public ThriftSinkOptions {
    if (hostname.isBlank()) {
      throw new ConfigurationException(
          "hostname", "hostname is empty (expected: an address or host name)");
    }
    Kerberos.check(kerberos);
  }

  @Override
  public Sink build(SinkContext context) {
    return new ThriftSink(
        new ThriftDialect(protocol),
        this::settings,
        resetConnectionInterval,
        maxInFlight,
        (int) maxFrameSize.bytes(),
        context);
  }

  /** Reads the trust store now. */
  ClientSettings settings() {
    return ClientSettings.of(
        hostname,
        port,
        connectTimeout,
        requestTimeout,
        true,
        new Wrapping(Optional.empty(), tls.engines(hostname, port, TlsFallbacks.ofProcess())));
  }
}
