/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.scribe;

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
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.transport.PeerFilter;
import io.millrace.rpc.transport.ServerLimits;
import io.millrace.rpc.transport.ServerSettings;
import io.millrace.rpc.transport.Wrapping;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Options of the scribe source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "scribe",
    flumeClasses = "org.apache.flume.source.scribe.ScribeSource",
    summary =
        "Receives the entries of Scribe clients, in Thrift's binary protocol with frames. The"
            + " category of an entry is the header category. OK is answered when the channels have"
            + " all entries of the call, else TRY_LATER.")
public record ScribeSourceOptions(
    @Option(doc = "Address or host name to listen on.", def = "0.0.0.0") String bind,
    @Option(doc = "Port to listen on; 0 takes any free one.", def = "1499", min = 0, max = 65535)
        int port,
    @Option(
            doc = "Longest call in bytes, after Flume; 16384000 when it is 0 or less.",
            def = "16384000")
        long maxReadBufferBytes,
    @Option(
            doc = "Most worker threads.",
            noEffect = "a few event loops serve all connections; there is no thread for each")
        Optional<String> workerThreads,
    @OptionGroup ServerTlsOptions tls,
    @OptionGroup ConnectionLimitOptions limits,
    @OptionGroup ProxyProtocolOptions proxy)
    implements SourceOptions {
  private static final int FLUME_MAX_CALL_BYTES = 16_384_000;

  /** Nobody needs longer ones, and each is held as a whole. */
  private static final int MAX_CALL_BYTES = 1 << 30;

  public ScribeSourceOptions {
    if (bind.isBlank()) {
      throw new ConfigurationException("bind", "bind is empty (expected: an address or host name)");
    }
    if (maxReadBufferBytes > MAX_CALL_BYTES) {
      throw new ConfigurationException(
          "maxReadBufferBytes",
          "maxReadBufferBytes: "
              + maxReadBufferBytes
              + " (expected: at most "
              + MAX_CALL_BYTES
              + ")");
    }
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> reasons = new HashMap<>(proxy.ineffective());
    reasons.put("max-request-size", "maxReadBufferBytes says how long a call may be");
    return reasons;
  }

  @Override
  public Source build(SourceContext context) {
    return new ScribeSource(this::settings, proxy.clientAddressHeader(), context);
  }

  private int maxCallBytes() {
    return maxReadBufferBytes <= 0 ? FLUME_MAX_CALL_BYTES : (int) maxReadBufferBytes;
  }

  /** Reads the key store and looks up the address now. */
  ServerSettings settings() {
    ServerLimits given = limits.limits();
    ServerLimits own =
        new ServerLimits(
            FrameLimits.ofMessageBytes((int) Math.min(maxCallBytes(), given.maxBytesInFlight())),
            given.maxConnections(),
            given.maxConnectionsPerPeer(),
            given.maxRequestsPerConnection(),
            given.maxBytesPerConnection(),
            given.maxBytesInFlight(),
            given.handshakeTimeout(),
            given.idleTimeout(),
            given.frameGrace(),
            given.minFrameBytesPerSecond(),
            given.frameDeadline(),
            given.budgetTurn(),
            given.maxConnectionAge());
    return new ServerSettings(
        new InetSocketAddress(bind, port),
        own,
        new Wrapping(Optional.empty(), tls.engines(TlsFallbacks.ofProcess())),
        PeerFilter.ACCEPT_ALL,
        ServerSettings.defaultIoThreads(),
        proxy.settings());
  }
}
