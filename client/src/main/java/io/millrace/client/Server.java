/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.Backoff;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One server: its connection, what is under way, and whether it is left out. Confined to the
 * sender's thread; {@link #statistics} may be called by any.
 */
final class Server {
  private final ServerAddress address;
  private final Dialer.Factory dialers;
  private final int maxInFlight;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final LongAdder acknowledgedEvents = new LongAdder();
  private final LongAdder connects = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile Link standing;
  private Dialer dialer;
  private Link link;
  private int inFlight;

  /** Failures since the last success. */
  private int failuresInARow;

  private long lastFailureNanos;
  private long pauseNanos;

  Server(
      ServerAddress address,
      Dialer.Factory dialers,
      int maxInFlight,
      Backoff backoff,
      RandomGenerator random) {
    this.address = address;
    this.dialers = dialers;
    this.maxInFlight = maxInFlight;
    this.backoff = backoff;
    this.random = random;
  }

  ServerAddress address() {
    return address;
  }

  /** Nanoseconds until it is no longer left out; zero when it is not. */
  long leftOutNanos(long nowNanos) {
    return failuresInARow == 0 ? 0 : Math.max(0, lastFailureNanos + pauseNanos - nowNanos);
  }

  /** Whether the connection of the last calls came about; what failed then may be the calls. */
  boolean wasReached() {
    return link != null && link == standing;
  }

  /** Whether another call may go there; after a failure one goes to see. */
  boolean isBusy() {
    return inFlight >= (failuresInARow == 0 ? maxInFlight : 1);
  }

  /** The connection, made if there is none; {@code whenDialled} gets a new one. */
  Link link(Consumer<Link> whenDialled) {
    if (link == null || link.isEnded()) {
      if (dialer == null) {
        dialer = dialers.of(address);
      }
      link = dialer.dial();
      whenDialled.accept(link);
    }
    return link;
  }

  void connected(Link connection) {
    standing = connection;
    connects.increment();
  }

  void begun() {
    inFlight++;
  }

  void ended() {
    inFlight--;
  }

  void succeeded(int events) {
    failuresInARow = 0;
    acknowledgedEvents.add(events);
  }

  /**
   * Leaves the server out for a time; false when the call was begun before a failure that is
   * counted already.
   */
  boolean failed(long sentNanos, long nowNanos) {
    if (failuresInARow > 0 && sentNanos - lastFailureNanos < 0) {
      return false;
    }
    failuresInARow++;
    failures.increment();
    lastFailureNanos = nowNanos;
    Duration pause = backoff.pause(failuresInARow, random);
    pauseNanos = pause.toNanos();
    return true;
  }

  ServerStatistics statistics() {
    Link connection = standing;
    return new ServerStatistics(
        address,
        connection != null && !connection.isEnded(),
        acknowledgedEvents.sum(),
        connects.sum(),
        failures.sum());
  }

  void close() {
    if (link != null) {
      link.close();
    }
    if (dialer != null) {
      dialer.close();
    }
  }
}
