/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

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
public final class Connections<C extends Connections.Client> {
  /** A connection that was read from within this time keeps its place. */
  public static final Duration SILENCE = Duration.ofMinutes(1);

  /** One that is connected. Safe for many threads. */
  public interface Client {
    /** When something was read last. */
    long lastReadNanos();

    /** Whether nothing of it waits for the channels. */
    boolean isQuiet();

    /** Ends the connection. */
    void close();
  }

  /** What is told of connections that have no place. Safe for many threads. */
  public interface Listener {
    void connectionRefused(int maxConnections);

    void connectionEvicted();
  }

  private final int maxConnections;
  private final Listener listener;
  private final LongSupplier nanoTime;
  private final Set<C> open = new HashSet<>();

  public Connections(int maxConnections, Listener listener, LongSupplier nanoTime) {
    this.maxConnections = maxConnections;
    this.listener = listener;
    this.nanoTime = nanoTime;
  }

  /** Whether the connection has a place. */
  public boolean admit(C connection) {
    C evicted = null;
    synchronized (this) {
      if (open.size() >= maxConnections) {
        evicted = longestSilent();
        if (evicted == null) {
          listener.connectionRefused(maxConnections);
          return false;
        }
        open.remove(evicted);
      }
      open.add(connection);
    }
    if (evicted != null) {
      listener.connectionEvicted();
      evicted.close();
    }
    return true;
  }

  public synchronized void remove(C connection) {
    open.remove(connection);
  }

  public synchronized int count() {
    return open.size();
  }

  public synchronized List<C> all() {
    return List.copyOf(open);
  }

  private C longestSilent() {
    long now = nanoTime.getAsLong();
    C longest = null;
    for (C connection : open) {
      if (connection.isQuiet()
          && now - connection.lastReadNanos() >= SILENCE.toNanos()
          && (longest == null || connection.lastReadNanos() - longest.lastReadNanos() < 0)) {
        longest = connection;
      }
    }
    return longest;
  }
}
