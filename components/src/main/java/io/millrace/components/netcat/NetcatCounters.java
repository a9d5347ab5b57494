/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.MillraceException;
import io.millrace.components.listen.ConnectionCounters;
import io.millrace.kit.log.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and says what goes wrong, each kind once in ten seconds. Safe for many threads. */
final class NetcatCounters {
  private static final Logger LOG = LoggerFactory.getLogger(NetcatSource.class);

  private final String source;
  private final ConnectionCounters connections;
  private final Metrics.Counter eventReadFail;
  private final Metrics.Counter linesTooLong;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter genericProcessingFail;
  private final Metrics.Counter connectionsIdleClosed;
  private final LogLimit channelLimit = new LogLimit(ConnectionCounters.LOG_INTERVAL);

  NetcatCounters(String source, Metrics metrics) {
    this.source = source;
    connections = new ConnectionCounters(source, metrics, LOG);
    eventReadFail = metrics.counter("EventReadFail");
    linesTooLong = metrics.counter("LinesTooLong");
    channelWriteFail = metrics.counter("ChannelWriteFail");
    genericProcessingFail = metrics.counter("GenericProcessingFail");
    connectionsIdleClosed = metrics.counter("ConnectionsIdleClosed");
  }

  /** Of connections, whatever they carry. */
  ConnectionCounters connections() {
    return connections;
  }

  void lineTooLong() {
    linesTooLong.increment();
    eventReadFail.increment();
  }

  void idleClosed() {
    connectionsIdleClosed.increment();
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
