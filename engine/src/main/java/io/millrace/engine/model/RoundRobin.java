/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SinkSelector;
import java.util.function.IntPredicate;

/** One sink after the other; those that are not ready lose their turn. Guarded by its caller. */
final class RoundRobin implements SinkSelector {
  private final int sinkCount;
  private int last;

  RoundRobin(int sinkCount) {
    this.sinkCount = sinkCount;
    this.last = sinkCount - 1;
  }

  @Override
  public int select(IntPredicate isReady) {
    for (int i = 1; i <= sinkCount; i++) {
      int position = (last + i) % sinkCount;
      if (isReady.test(position)) {
        last = position;
        return position;
      }
    }
    return -1;
  }
}
