/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.hop.ConnectionLimitOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.kit.tls.TlsFallbacks;
import io.millrace.rpc.transport.PeerFilter;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    @OptionGroup ConnectionLimitOptions limits,
    @OptionGroup ProxyProtocolOptions proxy)
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
  public Map<String, String> ineffective() {
    Map<String, String> reasons = new HashMap<>(proxy.ineffective());
    if (!ipFilter) {
      reasons.put("ipFilterRules", "ipFilter is not true, so that every peer may connect");
    }
    return reasons;
  }

  @Override
  public Source build(SourceContext context) {
    return new AvroSource(this::settings, proxy.clientAddressHeader(), context);
  }

  /** Reads the key store and looks up the address now. */
  ServerSettings settings() {
    return new ServerSettings(
        new InetSocketAddress(bind, port),
        limits.limits(),
        new Wrapping(
            compressionType.level(CompressionType.DEFAULT_LEVEL),
            tls.engines(TlsFallbacks.ofProcess())),
        ipFilter ? IpFilterRules.parse(ipFilterRules) : PeerFilter.ACCEPT_ALL,
        ServerSettings.defaultIoThreads(),
        proxy.settings());
  }
}
