/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.transport.ServerLimits;
import java.time.Duration;
import java.util.Optional;

/** What a source that listens bears from its peers. Immutable. */
public record ConnectionLimitOptions(
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
        Duration maxRequestTime,
    @Option(
            name = "max-connection-age",
            doc =
                "Age at which a connection is ended between two requests, so that clients without"
                    + " an option for it are spread anew over servers behind one address; for some up"
                    + " to a quarter earlier. 0 for never.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration maxConnectionAge) {

  public ServerLimits limits() {
    ServerLimits defaults = ServerLimits.defaults();
    long maxBytesInFlight = maxInFlight.map(DataSize::bytes).orElse(defaults.maxBytesInFlight());
    return new ServerLimits(
        FrameLimits.ofMessageBytes((int) Math.min(maxRequestSize.bytes(), maxBytesInFlight)),
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
        defaults.budgetTurn(),
        maxConnectionAge);
  }
}
