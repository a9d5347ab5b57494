/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.frame.FrameLimits;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * What a server bears from its peers. Immutable.
 *
 * @param frames longest message and most buffers of a frame
 * @param maxConnections most connections open at once; more are closed when they are accepted
 * @param maxConnectionsPerPeer the same for one peer address
 * @param maxRequestsPerConnection requests of one connection in flight; at that it is not read on
 * @param maxBytesPerConnection bytes of requests of one connection in flight, likewise
 * @param maxBytesInFlight bytes of requests of all connections, half-received ones included; above
 *     it none is read on
 * @param handshakeTimeout longest time until the first request of a connection is complete
 * @param idleTimeout longest silence of a connection without a request in flight; zero for ever
 * @param frameGrace time that a frame may take at any rate, and length of the windows in which its
 *     rate is measured; time in which the connection is not read does not count
 * @param minFrameBytesPerSecond rate that a frame must keep on average in each such window
 * @param frameDeadline longest time that a frame may take at the best of rates, counted likewise
 * @param budgetTurn when half-received requests alone fill {@code maxBytesInFlight}: how long one
 *     of them is waited for before the oldest are closed
 * @param maxConnectionAge after which a connection ends between two requests, for some up to a
 *     quarter earlier; zero for never
 */
public record ServerLimits(
    FrameLimits frames,
    int maxConnections,
    int maxConnectionsPerPeer,
    int maxRequestsPerConnection,
    long maxBytesPerConnection,
    long maxBytesInFlight,
    Duration handshakeTimeout,
    Duration idleTimeout,
    Duration frameGrace,
    long minFrameBytesPerSecond,
    Duration frameDeadline,
    Duration budgetTurn,
    Duration maxConnectionAge) {
  private static final long MAX_CHECK_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long MIN_CHECK_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final Duration DEFAULT_FRAME_DEADLINE = Duration.ofMinutes(5);
  private static final Duration DEFAULT_BUDGET_TURN = Duration.ofSeconds(5);

  /** Share of the heap that requests in flight may take: one part in so many. */
  private static final int HEAP_PARTS = 4;

  public ServerLimits {
    requirePositive("maxConnections", maxConnections);
    requirePositive("maxConnectionsPerPeer", maxConnectionsPerPeer);
    requirePositive("maxRequestsPerConnection", maxRequestsPerConnection);
    requirePositive("maxBytesPerConnection", maxBytesPerConnection);
    requirePositive("maxBytesInFlight", maxBytesInFlight);
    requirePositive("handshakeTimeout", handshakeTimeout.toNanos());
    requirePositive("frameGrace", frameGrace.toNanos());
    requirePositive("frameDeadline", frameDeadline.toNanos());
    requirePositive("budgetTurn", budgetTurn.toNanos());
  }

  /** With the defaults of what is not given. */
  public ServerLimits(
      FrameLimits frames,
      int maxConnections,
      int maxConnectionsPerPeer,
      int maxRequestsPerConnection,
      long maxBytesPerConnection,
      long maxBytesInFlight,
      Duration handshakeTimeout,
      Duration idleTimeout,
      Duration frameGrace,
      long minFrameBytesPerSecond) {
    this(
        frames,
        maxConnections,
        maxConnectionsPerPeer,
        maxRequestsPerConnection,
        maxBytesPerConnection,
        maxBytesInFlight,
        handshakeTimeout,
        idleTimeout,
        frameGrace,
        minFrameBytesPerSecond,
        DEFAULT_FRAME_DEADLINE,
        DEFAULT_BUDGET_TURN,
        Duration.ZERO);
  }

  /** The same but for how long a frame, and a turn under a full budget, may take. */
  public ServerLimits withDeadlines(Duration newFrameDeadline, Duration newBudgetTurn) {
    return new ServerLimits(
        frames,
        maxConnections,
        maxConnectionsPerPeer,
        maxRequestsPerConnection,
        maxBytesPerConnection,
        maxBytesInFlight,
        handshakeTimeout,
        idleTimeout,
        frameGrace,
        minFrameBytesPerSecond,
        newFrameDeadline,
        newBudgetTurn,
        maxConnectionAge);
  }

  /** The same but for how old a connection may become. */
  public ServerLimits withMaxConnectionAge(Duration newMaxConnectionAge) {
    return new ServerLimits(
        frames,
        maxConnections,
        maxConnectionsPerPeer,
        maxRequestsPerConnection,
        maxBytesPerConnection,
        maxBytesInFlight,
        handshakeTimeout,
        idleTimeout,
        frameGrace,
        minFrameBytesPerSecond,
        frameDeadline,
        budgetTurn,
        newMaxConnectionAge);
  }

  public static ServerLimits defaults() {
    return new ServerLimits(
        FrameLimits.ofMessageBytes(64 << 20),
        4096,
        2048,
        1024,
        16L << 20,
        Runtime.getRuntime().maxMemory() / HEAP_PARTS,
        Duration.ofMinutes(10),
        Duration.ZERO,
        Duration.ofSeconds(30),
        1024);
  }

  private static void requirePositive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: more than 0)");
    }
  }

  /** How often a connection looks at its clocks: often enough for the shortest of its limits. */
  public long checkIntervalNanos() {
    long interval = Math.min(handshakeTimeout.toNanos(), frameGrace.toNanos());
    interval = Math.min(interval, frameDeadline.toNanos());
    if (!idleTimeout.isZero()) {
      interval = Math.min(interval, idleTimeout.toNanos());
    }
    if (!maxConnectionAge.isZero()) {
      interval = Math.min(interval, maxConnectionAge.toNanos());
    }
    return Math.max(MIN_CHECK_INTERVAL_NANOS, Math.min(MAX_CHECK_INTERVAL_NANOS, interval / 4));
  }
}
