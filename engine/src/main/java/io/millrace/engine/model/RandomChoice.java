/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SinkSelector;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** Any of the sinks that are ready, each as likely. Guarded by its caller. */
final class RandomChoice implements SinkSelector {
  private final int sinkCount;
  private final RandomGenerator random;

  RandomChoice(int sinkCount, RandomGenerator random) {
    this.sinkCount = sinkCount;
    this.random = random;
  }

  @Override
  public int select(IntPredicate isReady) {
    int chosen = -1;
    int readyCount = 0;
    for (int position = 0; position < sinkCount; position++) {
      if (isReady.test(position) && random.nextInt(++readyCount) == 0) {
        chosen = position;
      }
    }
    return chosen;
  }
}
