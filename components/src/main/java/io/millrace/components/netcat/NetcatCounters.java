/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.MillraceException;
import io.millrace.components.listen.Connections;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.proxy.ProxyListener;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and says what goes wrong, each kind once in ten seconds. Safe for many threads. */
final class NetcatCounters implements Connections.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(NetcatSource.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final String source;
  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter linesTooLong;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter genericProcessingFail;
  private final Metrics.Counter connectionsRefused;
  private final Metrics.Counter connectionsEvicted;
  private final Metrics.Counter connectionsIdleClosed;
  private final Map<ProxyListener.Fault, Metrics.Counter> proxyFaults =
      new EnumMap<>(ProxyListener.Fault.class);
  private final LogLimit channelLimit = new LogLimit(INTERVAL);
  private final LogLimit connectionLimit = new LogLimit(INTERVAL);
  private final LogLimit placeLimit = new LogLimit(INTERVAL);

  NetcatCounters(String source, Metrics metrics) {
    this.source = source;
    eventReadFail = metrics.counter("EventReadFail");
    linesTooLong = metrics.counter("LinesTooLong");
    channelWriteFail = metrics.counter("ChannelWriteFail");
    genericProcessingFail = metrics.counter("GenericProcessingFail");
    connectionsRefused = metrics.counter("ConnectionsRefused");
    connectionsEvicted = metrics.counter("ConnectionsEvicted");
    connectionsIdleClosed = metrics.counter("ConnectionsIdleClosed");
    for (ProxyListener.Fault fault : ProxyListener.Fault.values()) {
      proxyFaults.put(fault, metrics.counter(fault.metric()));
    }
  }

  void lineTooLong() {
    linesTooLong.increment();
    eventReadFail.increment();
  }

  void idleClosed() {
    connectionsIdleClosed.increment();
  }

  @Override
  public void connectionEvicted() {
    connectionsEvicted.increment();
  }

  @Override
  public void connectionRefused(int maxConnections) {
    connectionsRefused.increment();
    if (placeLimit.allows()) {
      LOG.warn(
          "{}: a connection was refused: all {} are in use (max-connections). ({} such lines left"
              + " out)",
          source,
          maxConnections,
          placeLimit.takeLeftOut());
    }
  }

  void proxyHeaderFailed(SocketAddress peer, ProxyListener.Fault fault) {
    proxyFaults.get(fault).increment();
    if (connectionLimit.allows()) {
      LOG.warn(
          "{}: peer {}: connection closed: {}. ({} such lines left out)",
          source,
          LogText.of(peer),
          fault.text(),
          connectionLimit.takeLeftOut());
    }
  }

  void connectionFailed(SocketAddress peer, Throwable reason) {
    eventReadFail.increment();
    if (connectionLimit.allows()) {
      LOG.info(
          "{}: the connection of {} ended: {}. ({} such lines left out)",
          source,
          LogText.of(peer),
          LogText.of(reason),
          connectionLimit.takeLeftOut());
    }
  }

  void refusedByChannels(int events, Throwable reason) {
    boolean isOfChannel = reason instanceof MillraceException;
    (isOfChannel ? channelWriteFail : genericProcessingFail).increment();
    if (channelLimit.allows()) {
      LOG.warn(
          "{}: the channels did not take {} lines: {}. Their clients were answered FAILED. ({} such"
              + " lines left out)",
          source,
          events,
          LogText.of(reason),
          channelLimit.takeLeftOut());
    }
  }
}
