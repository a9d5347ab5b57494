/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The times of a connection, and which of its limits have passed. Reads no clock. Confined to the
 * event loop.
 */
public final class ConnectionClock {
  /**
   * Connections made together do not end together: an age limit is met this much earlier or less.
   */
  private static final double AGE_JITTER = 0.25;

  private final ServerLimits limits;
  private final FramePace pace;
  private final long acceptedNanos;
  private final long maxAgeNanos;
  private long lastReadNanos;
  private long unreadSinceNanos;
  private long pausedSinceNanos;

  public ConnectionClock(ServerLimits limits, long nowNanos, RandomGenerator random) {
    this.limits = limits;
    this.pace = new FramePace(limits);
    this.acceptedNanos = nowNanos;
    this.lastReadNanos = nowNanos;
    double share = 1 - AGE_JITTER * random.nextDouble();
    this.maxAgeNanos = (long) (limits.maxConnectionAge().toNanos() * share);
  }

  public void read(long nowNanos) {
    lastReadNanos = nowNanos;
  }

  /** When the last read was, with which a frame began. */
  public long frameBegan() {
    pace.frameBegan(lastReadNanos);
    return lastReadNanos;
  }

  public void paused(long nowNanos) {
    pausedSinceNanos = nowNanos;
  }

  /** Time in which nothing was read is not the peer's slowness. */
  public void resumed(long nowNanos) {
    long pausedNanos = nowNanos - pausedSinceNanos;
    pace.paused(pausedNanos);
    lastReadNanos += pausedNanos;
  }

  /** From now on the peer does not read its answers, or does again. */
  public void answersUnread(long nowNanos) {
    unreadSinceNanos = nowNanos;
  }

  public boolean isUnreadTooLong(long nowNanos) {
    return nowNanos - unreadSinceNanos > limits.frameGrace().toNanos();
  }

  /** What is wrong with the pace of the frame that is being received, if anything. */
  public Optional<String> slowness(long nowNanos, int receivedBytes) {
    return pace.slowness(nowNanos, receivedBytes);
  }

  public boolean isHandshakeOverdue(long nowNanos) {
    return nowNanos - acceptedNanos > limits.handshakeTimeout().toNanos();
  }

  public boolean isIdleTooLong(long nowNanos) {
    return !limits.idleTimeout().isZero()
        && nowNanos - lastReadNanos > limits.idleTimeout().toNanos();
  }

  public boolean isOldEnough(long nowNanos) {
    return maxAgeNanos > 0 && nowNanos - acceptedNanos >= maxAgeNanos;
  }
}
