/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The open connections of a server, up to its limits. Guarded by {@code this}. */
public final class ConnectionTable<C> {
  /** What became of a new connection. */
  public enum Admission {
    ADMITTED,
    TOO_MANY,
    TOO_MANY_OF_PEER
  }

  private final int maxConnections;
  private final int maxConnectionsPerPeer;
  private final Set<C> connections = new HashSet<>();
  private final Map<InetAddress, Integer> perPeer = new HashMap<>();

  public ConnectionTable(int maxConnections, int maxConnectionsPerPeer) {
    this.maxConnections = maxConnections;
    this.maxConnectionsPerPeer = maxConnectionsPerPeer;
  }

  public synchronized Admission admit(C connection, InetAddress peer) {
    if (connections.size() >= maxConnections) {
      return Admission.TOO_MANY;
    }
    if (perPeer.getOrDefault(peer, 0) >= maxConnectionsPerPeer) {
      return Admission.TOO_MANY_OF_PEER;
    }
    connections.add(connection);
    perPeer.merge(peer, 1, Integer::sum);
    return Admission.ADMITTED;
  }

  /** Whether a connection counts for another peer from now on; if not, all stays as it is. */
  public synchronized boolean readmit(C connection, InetAddress from, InetAddress to) {
    if (!connections.contains(connection) || perPeer.getOrDefault(to, 0) >= maxConnectionsPerPeer) {
      return false;
    }
    uncount(from);
    perPeer.merge(to, 1, Integer::sum);
    return true;
  }

  public synchronized void remove(C connection, InetAddress peer) {
    if (connections.remove(connection)) {
      uncount(peer);
      notifyAll();
    }
  }

  private void uncount(InetAddress peer) {
    perPeer.computeIfPresent(peer, (address, count) -> count == 1 ? null : count - 1);
  }

  public synchronized int size() {
    return connections.size();
  }

  public synchronized List<C> all() {
    return new ArrayList<>(connections);
  }

  /** Waits until no connection is open; false when {@code deadlineNanos} came first. */
  public synchronized boolean awaitEmpty(long deadlineNanos) throws InterruptedException {
    while (!connections.isEmpty()) {
      long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }
}
