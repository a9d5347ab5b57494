/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.time.Duration;

/**
 * The first sink that works gets everything; a sink by itself is the simplest case. Immutable.
 *
 * @param maxPenalty longest time that a failed sink is left out while another one works
 */
record FailoverRule(Duration maxPenalty, Duration stallTimeout) implements SinkRule {
  @Override
  public int next(Sinks sinks) {
    for (int position = 0; position < sinks.count(); position++) {
      switch (sinks.standing(position)) {
        case READY -> {
          return position;
        }
        case BUSY -> {
          // It is the one in use: the next must not take what it will have room for.
          return NOBODY;
        }
        case AWAY -> {}
      }
    }
    return NOBODY;
  }

  @Override
  public void took(int position) {}

  @Override
  public void failed(int position) {}

  @Override
  public Duration penalty(int failures) {
    return SinkRule.doubling(failures, maxPenalty);
  }
}
