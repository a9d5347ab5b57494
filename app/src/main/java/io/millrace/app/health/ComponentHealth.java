/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.runtime.ComponentStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One component as it was seen. Immutable.
 *
 * @param key such as {@code CHANNEL.c1}
 * @param type as the configuration names it, or empty
 * @param detail why it is not running, or empty
 * @param since the state was first seen
 * @param lastProgress when events last went through it; empty when none have
 * @param fill of a channel
 * @param problem why events cannot go into it now, in words, or empty
 * @param feeds the required channels of a source
 */
public record ComponentHealth(
    String key,
    MetricKind kind,
    String name,
    String type,
    ComponentStatus.State state,
    String detail,
    Instant since,
    Optional<Instant> lastProgress,
    Optional<Fill> fill,
    String problem,
    List<String> feeds) {
  /**
   * How much a channel holds.
   *
   * @param capacityEvents {@link Long#MAX_VALUE} when it sets no bound
   */
  public record Fill(long events, long capacityEvents) {
    public boolean isBounded() {
      return capacityEvents != Long.MAX_VALUE && capacityEvents > 0;
    }

    public long roomEvents() {
      return Math.max(0, capacityEvents - events);
    }
  }

  public ComponentHealth {
    feeds = List.copyOf(feeds);
  }

  /** Also when something of it has been under way for too long. */
  public boolean isRunning() {
    return isWell() || state == ComponentStatus.State.STUCK;
  }

  public boolean isWell() {
    return state == ComponentStatus.State.RUNNING;
  }
}
