/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.transport.ServerLimits;
import java.time.Duration;
import java.util.Optional;

/**
 * What an http source bears from its clients: as {@link
 * io.millrace.components.hop.ConnectionLimitOptions}, with what is usual for HTTP. Immutable.
 */
public record HttpLimitOptions(
    @Option(
            name = "max-connections",
            doc = "Most connections open at once; more are closed when they are accepted.",
            def = "4096",
            min = 1)
        int maxConnections,
    @Option(
            name = "max-connections-per-peer",
            doc = "Most connections of one client address.",
            def = "2048",
            min = 1)
        int maxConnectionsPerPeer,
    @Option(
            name = "max-request-size",
            doc =
                "Longest body, both as it comes and inflated; a longer one is answered 413. Never"
                    + " more than a 32nd of the heap.",
            def = "64MiB",
            bareUnit = BareUnit.BYTES,
            min = 1024,
            max = 1 << 30)
        DataSize maxRequestSize,
    @Option(
            name = "max-header-size",
            doc = "Longest first line, and longest headers together, of a request.",
            def = "8192",
            bareUnit = BareUnit.BYTES,
            min = 256,
            max = 1 << 20)
        DataSize maxHeaderSize,
    @Option(
            name = "max-in-flight",
            doc =
                "Bytes of requests in flight on all connections; above it none is read on. A quarter"
                    + " of the heap when not set.",
            bareUnit = BareUnit.BYTES,
            min = 1024)
        Optional<DataSize> maxInFlight,
    @Option(
            name = "idle-timeout",
            doc = "Longest silence of a connection between two requests; 0 for ever.",
            def = "30",
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
        Duration maxRequestTime,
    @Option(
            name = "max-connection-age",
            doc =
                "Age at which a connection is ended between two requests, for some up to a quarter"
                    + " earlier. 0 for never.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration maxConnectionAge) {
  /**
   * A request is held up to seven times its length while it is read (as it came, inflated, as text,
   * as events), by each event loop at worst.
   */
  private static final int HEAP_PARTS = 32;

  /** Longest body that is taken in this process. */
  int maxBodyBytes() {
    long bytes = Math.min(maxRequestSize.bytes(), Runtime.getRuntime().maxMemory() / HEAP_PARTS);
    return (int) Math.min(bytes, maxBytesInFlight());
  }

  private long maxBytesInFlight() {
    return maxInFlight.map(DataSize::bytes).orElse(ServerLimits.defaults().maxBytesInFlight());
  }

  /**
   * @param newIdleTimeout in the place of the option
   */
  ServerLimits limits(Duration newIdleTimeout) {
    ServerLimits defaults = ServerLimits.defaults();
    return new ServerLimits(
        FrameLimits.ofMessageBytes(maxBodyBytes()),
        maxConnections,
        maxConnectionsPerPeer,
        defaults.maxRequestsPerConnection(),
        defaults.maxBytesPerConnection(),
        maxBytesInFlight(),
        defaults.handshakeTimeout(),
        newIdleTimeout,
        slowRequestTimeout,
        defaults.minFrameBytesPerSecond(),
        maxRequestTime,
        defaults.budgetTurn(),
        maxConnectionAge);
  }
}
