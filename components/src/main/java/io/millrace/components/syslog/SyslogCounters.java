/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.RejectedException;
import io.millrace.components.listen.BatchCollector;
import io.millrace.components.listen.ConnectionCounters;
import io.millrace.kit.log.LogText;
import java.net.SocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and says what goes wrong, each kind once in ten seconds. What is not fit for the channels
 * is named by number, never by content. Safe for many threads.
 */
final class SyslogCounters implements BatchCollector.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(SyslogTcpSource.class);

  private final String source;
  private final ConnectionCounters connections;
  private final Metrics.Counter malformed;
  private final Metrics.Counter truncated;
  private final Metrics.Counter skippedBytes;
  private final Metrics.Counter rejected;
  private final Metrics.Counter lost;
  private final Metrics.Counter connectionsIdle;
  private final Metrics.Counter connectionsBudget;
  private final LogLimit cutLimit = new LogLimit(ConnectionCounters.LOG_INTERVAL);
  private final LogLimit channelLimit = new LogLimit(ConnectionCounters.LOG_INTERVAL);
  private final LogLimit rejectedLimit = new LogLimit(ConnectionCounters.LOG_INTERVAL);
  private final LogLimit placeLimit = new LogLimit(ConnectionCounters.LOG_INTERVAL);

  SyslogCounters(String source, Metrics metrics) {
    this.source = source;
    connections = new ConnectionCounters(source, metrics, LOG);
    malformed = metrics.counter("MessagesMalformed");
    truncated = metrics.counter("LinesTruncated");
    skippedBytes = metrics.counter("BytesSkipped");
    rejected = metrics.counter("EventsRejected");
    lost = metrics.counter("LinesLost");
    connectionsIdle = metrics.counter("ConnectionsClosedIdle");
    connectionsBudget = metrics.counter("ConnectionsClosedBudget");
  }

  /** Of connections, whatever they carry. */
  ConnectionCounters connections() {
    return connections;
  }

  void malformed(long messages) {
    if (messages > 0) {
      malformed.add(messages);
    }
  }

  /** A message was cut; where it was too long, bytes of it were skipped. */
  void cut() {
    truncated.increment();
    if (cutLimit.allows()) {
      LOG.warn(
          "{}: a message was cut: it is longer than eventSize, or its connection ended within. The"
              + " part that came is marked Incomplete and handed on. ({} such lines left out)",
          source,
          cutLimit.takeLeftOut());
    }
  }

  void skipped(long bytes) {
    if (bytes > 0) {
      skippedBytes.add(bytes);
    }
  }

  @Override
  public void rejected(EventBatch batch, RejectedException reason) {
    rejected.add(batch.eventCount());
    if (rejectedLimit.allows()) {
      LOG.warn(
          "{}: no channel can ever take {} messages: {}. They are given up. ({} such lines left"
              + " out)",
          source,
          batch.eventCount(),
          LogText.of(reason),
          rejectedLimit.takeLeftOut());
    }
  }

  @Override
  public void failed(EventBatch batch, Throwable reason) {
    if (channelLimit.allows()) {
      LOG.warn(
          "{}: the channels did not take {} messages: {}. They are tried again, and nothing more is"
              + " read meanwhile. ({} such lines left out)",
          source,
          batch.eventCount(),
          LogText.of(reason),
          channelLimit.takeLeftOut());
    }
  }

  /** At the stop; the channels may have got some of them all the same. */
  void lost(long messages) {
    if (messages > 0) {
      lost.add(messages);
      LOG.warn(
          "{}: {} messages were read and not taken by the channels when the source had to stop; they"
              + " are lost.",
          source,
          messages);
    }
  }

  void stillSending(int clients) {
    LOG.warn(
        "{}: {} clients went on sending after the end of their connection was announced; what they"
            + " sent last was not read.",
        source,
        clients);
  }

  void idleClosed() {
    connectionsIdle.increment();
  }

  void closedForBudget(SocketAddress peer) {
    connectionsBudget.increment();
    if (placeLimit.allows()) {
      LOG.warn(
          "{}: peer {}: connection closed: its message has been half there for the longest time, and"
              + " unfinished messages take all of max-bytes-in-flight. ({} such lines left out)",
          source,
          LogText.of(peer),
          placeLimit.takeLeftOut());
    }
  }
}
