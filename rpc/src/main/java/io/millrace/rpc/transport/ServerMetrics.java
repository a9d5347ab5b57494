/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.api.Metrics;
import io.millrace.api.Metrics.Counter;
import io.millrace.rpc.frame.FrameRejectedException;
import io.millrace.rpc.proxy.ProxyListener.Fault;
import io.millrace.rpc.session.ServerTurn;
import java.util.EnumMap;
import java.util.Map;

/** What a server counts. Safe for many threads. */
final class ServerMetrics {
  final Counter connectionsRefusedLimit;
  final Counter connectionsRefusedPeerLimit;
  final Counter connectionsRefusedFilter;
  final Counter connectionsClosedHandshakeTimeout;
  final Counter connectionsClosedIdle;
  final Counter connectionsClosedSlow;
  final Counter connectionsClosedTls;
  final Counter connectionsClosedUnread;
  final Counter connectionsClosedBudget;
  final Counter connectionsClosedAge;
  private final Map<Fault, Counter> proxyFaults = new EnumMap<>(Fault.class);
  private final Counter framesRejectedMalformed;
  private final Counter framesRejectedTooLarge;
  private final Counter requestsRejectedMalformed;
  private final Counter requestsRejectedUnknownMessage;

  ServerMetrics(Metrics metrics, ConnectionTable<?> connections, InFlightBudget budget) {
    connectionsRefusedLimit = metrics.counter("ConnectionsRefusedLimit");
    connectionsRefusedPeerLimit = metrics.counter("ConnectionsRefusedPeerLimit");
    connectionsRefusedFilter = metrics.counter("ConnectionsRefusedFilter");
    connectionsClosedHandshakeTimeout = metrics.counter("ConnectionsClosedHandshakeTimeout");
    connectionsClosedIdle = metrics.counter("ConnectionsClosedIdle");
    connectionsClosedSlow = metrics.counter("ConnectionsClosedSlow");
    connectionsClosedTls = metrics.counter("ConnectionsClosedTls");
    connectionsClosedUnread = metrics.counter("ConnectionsClosedUnread");
    connectionsClosedBudget = metrics.counter("ConnectionsClosedBudget");
    connectionsClosedAge = metrics.counter("ConnectionsClosedAge");
    for (Fault fault : Fault.values()) {
      proxyFaults.put(fault, metrics.counter(fault.metric()));
    }
    framesRejectedMalformed = metrics.counter("FramesRejectedMalformed");
    framesRejectedTooLarge = metrics.counter("FramesRejectedTooLarge");
    requestsRejectedMalformed = metrics.counter("RequestsRejectedMalformed");
    requestsRejectedUnknownMessage = metrics.counter("RequestsRejectedUnknownMessage");
    metrics.gauge("OpenConnectionCount", connections::size);
    metrics.gauge("RequestBytesInFlight", budget::usedBytes);
    metrics.gauge("RequestsInFlight", budget::requests);
    metrics.gauge("ConnectionsPaused", budget::pausedReaders);
  }

  void messageMalformed() {
    framesRejectedMalformed.increment();
  }

  void proxyHeaderFailed(Fault fault) {
    proxyFaults.get(fault).increment();
  }

  void frameRejected(FrameRejectedException.Reason reason) {
    switch (reason) {
      case MALFORMED -> framesRejectedMalformed.increment();
      case TOO_LARGE -> framesRejectedTooLarge.increment();
    }
  }

  void requestRefused(ServerTurn.Reason reason) {
    switch (reason) {
      case MALFORMED_EVENTS -> requestsRejectedMalformed.increment();
      case UNKNOWN_MESSAGE -> requestsRejectedUnknownMessage.increment();
    }
  }
}
