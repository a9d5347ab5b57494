/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.LogLimit;
import io.millrace.api.SinkSelector;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A selector chooses among the sinks that are ready. Its choice stands until it is used, so that
 * none loses its turn to an empty channel. Guarded by its caller.
 */
final class BalanceRule implements SinkRule {
  private static final Logger log = LoggerFactory.getLogger(BalanceRule.class);

  private final SinkSelector selector;
  private final Duration maxPenalty;
  private final LogLimit selectorLog = new LogLimit(Duration.ofSeconds(10));
  private int chosen = NOBODY;

  BalanceRule(SinkSelector selector, Duration maxPenalty) {
    this.selector = selector;
    this.maxPenalty = maxPenalty;
  }

  @Override
  public int next(Sinks sinks) {
    if (chosen == NOBODY || sinks.standing(chosen) != Standing.READY) {
      chosen = choose(sinks);
    }
    return chosen;
  }

  private int choose(Sinks sinks) {
    int first = firstReady(sinks);
    if (first == NOBODY) {
      return NOBODY;
    }
    int selected;
    try {
      selected = selector.select(position -> isReady(sinks, position));
    } catch (RuntimeException | Error e) {
      // Also an Error: a selector that cannot go on must not stop the flow.
      complain("failed with " + e);
      return first;
    }
    if (!isReady(sinks, selected)) {
      complain("selected the sink at " + selected + " (expected: one that is ready)");
      return first;
    }
    return selected;
  }

  private static boolean isReady(Sinks sinks, int position) {
    return position >= 0 && position < sinks.count() && sinks.standing(position) == Standing.READY;
  }

  private static int firstReady(Sinks sinks) {
    for (int position = 0; position < sinks.count(); position++) {
      if (sinks.standing(position) == Standing.READY) {
        return position;
      }
    }
    return NOBODY;
  }

  private void complain(String what) {
    if (selectorLog.allows()) {
      log.warn(
          "Sink selector {} {}; the first ready sink was taken ({} more such lines were left out)",
          selector.getClass().getName(),
          what,
          selectorLog.takeLeftOut());
    }
  }

  @Override
  public void took(int position) {
    chosen = NOBODY;
  }

  @Override
  public void failed(int position) {
    try {
      selector.failed(position);
    } catch (RuntimeException | Error e) {
      complain("failed with " + e + " when told of a failure");
    }
  }

  @Override
  public Duration penalty(int failures) {
    return SinkRule.doubling(failures, maxPenalty);
  }

  @Override
  public Duration stallTimeout() {
    return Duration.ZERO;
  }
}
