/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The connections of a source, at most {@code maxConnections}. When all places are taken, a new
 * client gets that of the one that was silent longest, so that clients that hold connections and
 * send nothing can't keep others out, and quiet ones are left alone otherwise. Guarded by {@code
 * this}.
 */
final class Connections {
  /** A connection that was read from within this time keeps its place. */
  static final Duration SILENCE = Duration.ofMinutes(1);

  private final int maxConnections;
  private final NetcatCounters counters;
  private final LongSupplier nanoTime;
  private final Set<LineConnection> open = new HashSet<>();

  Connections(int maxConnections, NetcatCounters counters, LongSupplier nanoTime) {
    this.maxConnections = maxConnections;
    this.counters = counters;
    this.nanoTime = nanoTime;
  }

  /** Whether the connection has a place. */
  boolean admit(LineConnection connection) {
    LineConnection evicted = null;
    synchronized (this) {
      if (open.size() >= maxConnections) {
        evicted = longestSilent();
        if (evicted == null) {
          counters.connectionRefused(maxConnections);
          return false;
        }
        open.remove(evicted);
      }
      open.add(connection);
    }
    if (evicted != null) {
      counters.connectionEvicted();
      evicted.close();
    }
    return true;
  }

  synchronized void remove(LineConnection connection) {
    open.remove(connection);
  }

  synchronized int count() {
    return open.size();
  }

  synchronized List<LineConnection> all() {
    return List.copyOf(open);
  }

  private LineConnection longestSilent() {
    long now = nanoTime.getAsLong();
    LineConnection longest = null;
    for (LineConnection connection : open) {
      if (connection.isQuiet()
          && now - connection.lastReadNanos() >= SILENCE.toNanos()
          && (longest == null || connection.lastReadNanos() - longest.lastReadNanos() < 0)) {
        longest = connection;
      }
    }
    return longest;
  }
}
