/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts and says which sink of a failover group is in use: the first that works, or the last one
 * that did while none does. Guarded by its caller.
 */
final class FailoverRecord {
  private static final Logger log = LoggerFactory.getLogger(FailoverRecord.class);

  private final String group;
  private final List<String> sinks;
  private final Counter failovers;
  private final LogLimit failoverLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit returnLog = new LogLimit(Duration.ofSeconds(10));
  private int active = SinkRule.NOBODY;
  private boolean isClosed;

  /**
   * @param sinks in the order in which they are tried
   */
  FailoverRecord(String group, List<String> sinks, Counter failovers) {
    this.group = group;
    this.sinks = List.copyOf(sinks);
    this.failovers = failovers;
  }

  /** Looks which sink is in use now. */
  void note(SinkStates states) {
    int before = active;
    int first = states.firstWell();
    if (isClosed || first == SinkRule.NOBODY || first == before) {
      return;
    }
    active = first;
    if (first > Math.max(before, 0)) {
      failedOver(before, first);
    } else if (before != SinkRule.NOBODY && returnLog.allows()) {
      log.info(
          "Sink group {}: {} works again and takes over from {} ({} more such lines were left out)",
          group,
          sinks.get(first),
          sinks.get(before),
          returnLog.takeLeftOut());
    }
  }

  private void failedOver(int before, int now) {
    if (before != SinkRule.NOBODY) {
      failovers.increment();
    }
    if (failoverLog.allows()) {
      log.warn(
          "Sink group {}: {} does not work, {} takes over ({} failovers so far, {} more such lines"
              + " were left out)",
          group,
          sinks.get(Math.max(before, 0)),
          sinks.get(now),
          failovers.value(),
          failoverLog.takeLeftOut());
    }
  }

  /** Position of the sink in use, or of the last one. */
  int active() {
    return active;
  }

  /** The sinks are being stopped, which is no failure. */
  void close() {
    isClosed = true;
  }
}
