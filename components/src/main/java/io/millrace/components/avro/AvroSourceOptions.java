/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.transport.PeerFilter;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Options of the avro source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "avro",
    flumeClasses = "org.apache.flume.source.AvroSource",
    summary = "Receives events over Avro RPC from Millrace, Flume and their clients.")
public record AvroSourceOptions(
    @Option(doc = "Address or host name to listen on.", required = true) String bind,
    @Option(doc = "Port to listen on; 0 takes any free one.", required = true, min = 0, max = 65535)
        int port,
    @Option(
            doc = "Most worker threads.",
            noEffect = "a few event loops serve all connections; there is no thread for each")
        Optional<String> threads,
    @Option(
            name = "compression-type",
            doc = "Whether connections are compressed; must be what the clients say.",
            def = "none")
        CompressionType compressionType,
    @Option(doc = "Whether ipFilterRules decide who may connect.", def = "false") boolean ipFilter,
    @Option(
            doc =
                "Rules of the form allow|deny:ip|name:pattern; the first that matches decides, none"
                    + " accepts.",
            def = "",
            separator = ",")
        List<String> ipFilterRules,
    @OptionGroup ServerTlsOptions tls,
    @Option(
            name = "max-connections",
            doc = "Most connections open at once; more are closed when they are accepted.",
            def = "4096",
            min = 1)
        int maxConnections,
    @Option(
            name = "max-connections-per-peer",
            doc = "Most connections of one peer address.",
            def = "2048",
            min = 1)
        int maxConnectionsPerPeer,
    @Option(
            name = "max-request-size",
            doc = "Longest request; a connection that sends a longer one is closed.",
            def = "64MiB",
            bareUnit = BareUnit.BYTES,
            min = 1024,
            max = 1 << 30)
        DataSize maxRequestSize,
    @Option(
            name = "max-in-flight",
            doc =
                "Bytes of requests in flight on all connections; above it none is read on. A quarter"
                    + " of the heap when not set.",
            bareUnit = BareUnit.BYTES,
            min = 1024)
        Optional<DataSize> maxInFlight,
    @Option(
            name = "handshake-timeout",
            doc = "Longest time until the first request of a connection is complete.",
            def = "600",
            bareUnit = BareUnit.SECONDS,
            min = 1)
        Duration handshakeTimeout,
    @Option(
            name = "idle-timeout",
            doc =
                "Longest silence of a connection; 0 for ever, since Flume's clients do not expect"
                    + " an idle connection to end.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration idleTimeout,
    @Option(
            name = "slow-request-timeout",
            doc =
                "Time that a request may take at any rate; after it 1 KiB a second is asked for. A"
                    + " client that reads none of its answers for so long is closed as well.",
            def = "30",
            bareUnit = BareUnit.SECONDS,
            min = 1)
        Duration slowRequestTimeout,
    @Option(
            name = "max-request-time",
            doc =
                "Longest time that a request may take to arrive, at any rate; time in which the"
                    + " source itself does not read does not count.",
            def = "300",
            bareUnit = BareUnit.SECONDS,
            min = 1)
        Duration maxRequestTime)
    implements SourceOptions {

  public AvroSourceOptions {
    if (bind.isBlank()) {
      throw new ConfigurationException("bind", "bind is empty (expected: an address or host name)");
    }
    ipFilterRules = List.copyOf(ipFilterRules);
    if (ipFilter) {
      IpFilterRules.parse(ipFilterRules);
    }
  }

  @Override
  public Source build(SourceContext context) {
    return new AvroSource(this::settings, context);
  }

  /** Reads the key store and looks up the address now. */
  ServerSettings settings() {
    ServerLimits defaults = ServerLimits.defaults();
    long maxBytesInFlight = maxInFlight.map(DataSize::bytes).orElse(defaults.maxBytesInFlight());
    int maxMessageBytes = (int) Math.min(maxRequestSize.bytes(), maxBytesInFlight);
    ServerLimits limits =
        new ServerLimits(
            FrameLimits.ofMessageBytes(maxMessageBytes),
            maxConnections,
            maxConnectionsPerPeer,
            defaults.maxRequestsPerConnection(),
            defaults.maxBytesPerConnection(),
            maxBytesInFlight,
            handshakeTimeout,
            idleTimeout,
            slowRequestTimeout,
            defaults.minFrameBytesPerSecond(),
            maxRequestTime,
            defaults.budgetTurn());
    return new ServerSettings(
        new InetSocketAddress(bind, port),
        limits,
        new Wrapping(
            compressionType.level(CompressionType.DEFAULT_LEVEL),
            tls.engines(TlsFallbacks.ofProcess())),
        ipFilter ? IpFilterRules.parse(ipFilterRules) : PeerFilter.ACCEPT_ALL,
        ServerSettings.defaultIoThreads());
  }
}
