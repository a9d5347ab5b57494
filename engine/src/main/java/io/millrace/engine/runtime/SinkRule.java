/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SinkProcessor;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Says whose turn it is among sinks that share a channel, and how long a failed one is left out.
 * Guarded by its caller.
 */
sealed interface SinkRule permits FailoverRule, BalanceRule {
  int NOBODY = -1;

  /** How a sink stands when a turn is given away. */
  enum Standing {
    /** Can take a delivery now. */
    READY,
    /** Works, and has all that it wants for now. */
    BUSY,
    /** Does not run, or has failed and is left out. */
    AWAY
  }

  /** What a rule may ask of the sinks, which it tells by their position. */
  interface Sinks {
    int count();

    Standing standing(int position);
  }

  /** Position of the sink whose turn it is, or {@link #NOBODY}. */
  int next(Sinks sinks);

  /** The sink has taken a delivery. */
  void took(int position);

  /** The sink could not deliver. */
  void failed(int position);

  /** How long a sink is left out at least, after so many failures in a row. */
  Duration penalty(int failures);

  /** Time without progress after which a busy sink counts as failed; zero for never. */
  Duration stallTimeout();

  /** The rule of a group, or of those of its members that share a channel. */
  static SinkRule of(SinkProcessor processor, List<String> sinks, RandomGenerator random) {
    if (sinks.size() > 1 && processor instanceof Failover failover) {
      return new FailoverRule(failover.maxPenalty(), failover.stallTimeout());
    }
    if (sinks.size() > 1 && processor instanceof LoadBalance balance) {
      return new BalanceRule(
          balance.newSelector(sinks, random),
          balance.backoff() ? balance.maxTimeOut() : Duration.ZERO);
    }
    return new FailoverRule(Duration.ZERO, Duration.ZERO);
  }

  /** 2 s after the first failure, doubling up to the longest, as in Flume. */
  static Duration doubling(int failures, Duration longest) {
    int doublings = Math.min(failures, 20);
    Duration penalty = Duration.ofSeconds(1L << doublings);
    return penalty.compareTo(longest) < 0 ? penalty : longest;
  }
}
