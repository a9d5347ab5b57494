/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Metrics;
import io.millrace.api.Metrics.Counter;
import io.millrace.rpc.proxy.ProxyListener.Fault;
import io.millrace.rpc.transport.ConnectionTable;
import io.millrace.rpc.transport.InFlightBudget;
import java.util.EnumMap;
import java.util.Map;

/** What happens to connections, by the names that other servers use. Safe for many threads. */
final class HttpCounters {
  final Counter refusedLimit;
  final Counter refusedPeerLimit;
  final Counter closedIdle;
  final Counter closedSlow;
  final Counter closedTls;
  final Counter closedUnread;
  final Counter closedBudget;
  final Counter closedAge;
  private final Map<Fault, Counter> proxyFaults = new EnumMap<>(Fault.class);

  HttpCounters(Metrics metrics, ConnectionTable<?> connections, InFlightBudget budget) {
    refusedLimit = metrics.counter("ConnectionsRefusedLimit");
    refusedPeerLimit = metrics.counter("ConnectionsRefusedPeerLimit");
    closedIdle = metrics.counter("ConnectionsClosedIdle");
    closedSlow = metrics.counter("ConnectionsClosedSlow");
    closedTls = metrics.counter("ConnectionsClosedTls");
    closedUnread = metrics.counter("ConnectionsClosedUnread");
    closedBudget = metrics.counter("ConnectionsClosedBudget");
    closedAge = metrics.counter("ConnectionsClosedAge");
    for (Fault fault : Fault.values()) {
      proxyFaults.put(fault, metrics.counter(fault.metric()));
    }
    metrics.gauge("OpenConnectionCount", connections::size);
    metrics.gauge("RequestBytesInFlight", budget::usedBytes);
    metrics.gauge("RequestsInFlight", budget::requests);
    metrics.gauge("ConnectionsPaused", budget::pausedReaders);
  }

  void proxyHeaderFailed(Fault fault) {
    proxyFaults.get(fault).increment();
  }
}
