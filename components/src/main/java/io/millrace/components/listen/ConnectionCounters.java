/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.proxy.ProxyListener;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;

/**
 * Counts and says what becomes of connections, for sources that keep a table of them; each kind is
 * said once in ten seconds. Safe for many threads.
 */
public final class ConnectionCounters implements Connections.Listener {
  /** How often a kind of line is logged at most. */
  public static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private final String source;
  private final Logger log;
  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter refused;
  private final Metrics.Counter evicted;
  private final Map<ProxyListener.Fault, Metrics.Counter> proxyFaults =
      new EnumMap<>(ProxyListener.Fault.class);
  private final LogLimit endLimit = new LogLimit(LOG_INTERVAL);
  private final LogLimit placeLimit = new LogLimit(LOG_INTERVAL);

  /**
   * @param log of the source, so that its lines stand under its name
   */
  public ConnectionCounters(String source, Metrics metrics, Logger log) {
    this.source = source;
    this.log = log;
    eventReadFail = metrics.counter("EventReadFail");
    refused = metrics.counter("ConnectionsRefused");
    evicted = metrics.counter("ConnectionsEvicted");
    for (ProxyListener.Fault fault : ProxyListener.Fault.values()) {
      proxyFaults.put(fault, metrics.counter(fault.metric()));
    }
  }

  @Override
  public void connectionEvicted() {
    evicted.increment();
  }

  @Override
  public void connectionRefused(int maxConnections) {
    refused.increment();
    if (placeLimit.allows()) {
      log.warn(
          "{}: a connection was refused: all {} are in use (max-connections). ({} such lines left"
              + " out)",
          source,
          maxConnections,
          placeLimit.takeLeftOut());
    }
  }

  /** The connection is closed for its PROXY header. */
  public void proxyHeaderFailed(SocketAddress peer, ProxyListener.Fault fault) {
    proxyFaults.get(fault).increment();
    if (endLimit.allows()) {
      log.warn(
          "{}: peer {}: connection closed: {}. ({} such lines left out)",
          source,
          LogText.of(peer),
          fault.text(),
          endLimit.takeLeftOut());
    }
  }

  /** The connection broke. */
  public void connectionFailed(SocketAddress peer, Throwable reason) {
    eventReadFail.increment();
    if (endLimit.allows()) {
      log.info(
          "{}: the connection of {} ended: {}. ({} such lines left out)",
          source,
          LogText.of(peer),
          LogText.of(reason),
          endLimit.takeLeftOut());
    }
  }
}
