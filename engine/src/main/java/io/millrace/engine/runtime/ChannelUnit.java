/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel of the running agent, and what it has yet to take over from the one whose place it
 * took. Safe for many threads.
 */
final class ChannelUnit {
  private static final Logger log = LoggerFactory.getLogger(ChannelUnit.class);

  private final String name;
  private final MeteredChannel channel;
  private final ComponentMetrics metrics;
  private final Supervised life;
  private volatile Handover handover;

  ChannelUnit(String name, MeteredChannel channel, ComponentMetrics metrics, Supervised life) {
    this.name = name;
    this.channel = channel;
    this.metrics = metrics;
    this.life = life;
  }

  String name() {
    return name;
  }

  MeteredChannel channel() {
    return channel;
  }

  ComponentMetrics metrics() {
    return metrics;
  }

  Supervised life() {
    return life;
  }

  /** Before its start: the events of {@code before} that only memory holds come first. */
  void succeed(ChannelUnit before, ThreadFactory threads) {
    handover = new Handover(before, channel, threads);
  }

  /** Once it has started. */
  void takeOver() {
    Handover pending = handover;
    if (pending != null && life.isRunning()) {
      pending.start();
    }
  }

  /** Whether sources may append: it has started, and nothing older comes in behind them. */
  boolean isReady() {
    return life.isRunning() && !isTakingOver();
  }

  boolean isTakingOver() {
    Handover pending = handover;
    return pending != null && !pending.isDone();
  }

  /** Gives up what is not taken over yet. */
  void endTakeover() {
    Handover pending = handover;
    if (pending != null) {
      pending.stop();
    }
  }

  /**
   * Events that a stop now would lose unless it saves them, those yet to be taken over included.
   */
  long volatileEventCount() {
    Handover pending = handover;
    return channel.volatileEventCount() + (pending == null ? 0 : pending.eventCount());
  }

  /** Once it has stopped, or cannot be drained any more. */
  void sayWhatIsLost() {
    long lost = volatileEventCount();
    if (lost > 0) {
      log.error(
          "Channel {} keeps events in memory: {} events could not be delivered before the"
              + " stop and are lost",
          name,
          lost);
    }
  }
}
