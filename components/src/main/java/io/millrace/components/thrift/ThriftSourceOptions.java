/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

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
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import io.millrace.rpc.transport.PeerFilter;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;

/** Options of the thrift source. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "thrift",
    flumeClasses = "org.apache.flume.source.ThriftSource",
    summary = "Receives events over Thrift RPC from Millrace, Flume and clients in any language.")
public record ThriftSourceOptions(
    @Option(doc = "Address or host name to listen on.", required = true) String bind,
    @Option(doc = "Port to listen on; 0 takes any free one.", required = true, min = 0, max = 65535)
        int port,
    @Option(doc = "Encoding that the clients speak; must be what they say.", def = "compact")
        ThriftProtocol protocol,
    @Option(
            doc = "Most worker threads.",
            noEffect = "a few event loops serve all connections; there is no thread for each")
        Optional<String> threads,
    @OptionGroup ServerTlsOptions tls,
    @OptionGroup ConnectionLimitOptions limits,
    @OptionGroup ProxyProtocolOptions proxy,
    @Option(
            doc = "Whether clients come over SASL with Kerberos, which is not provided.",
            def = "false")
        boolean kerberos,
    @Option(
            name = "agent-principal",
            doc = "Kerberos principal of the agent.",
            noEffect = Kerberos.NO_EFFECT)
        Optional<String> agentPrincipal,
    @Option(name = "agent-keytab", doc = "Keytab of that principal.", noEffect = Kerberos.NO_EFFECT)
        Optional<String> agentKeytab)
    implements SourceOptions {

  public ThriftSourceOptions {
    if (bind.isBlank()) {
      throw new ConfigurationException("bind", "bind is empty (expected: an address or host name)");
    }
    Kerberos.check(kerberos);
  }

  @Override
  public Source build(SourceContext context) {
    return new ThriftSource(
        new ThriftDialect(protocol), this::settings, proxy.clientAddressHeader(), context);
  }

  @Override
  public Map<String, String> ineffective() {
    return proxy.ineffective();
  }

  /** Reads the key store and looks up the address now. */
  ServerSettings settings() {
    return new ServerSettings(
        new InetSocketAddress(bind, port),
        limits.limits(),
        new Wrapping(Optional.empty(), tls.engines(TlsFallbacks.ofProcess())),
        PeerFilter.ACCEPT_ALL,
        ServerSettings.defaultIoThreads(),
        proxy.settings());
  }
}
