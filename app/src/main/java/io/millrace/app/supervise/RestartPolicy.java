/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.time.Duration;

/**
 * When an agent that ended is started again: at once the first time, then after pauses that double,
 * for as long as each life is shorter than {@code steadyAfter}. Immutable.
 *
 * @param steadyAfter an agent that lived so long has made good for the short lives before
 * @param maxPause the longest pause
 * @param giveUpAfter so many short lives in a row end the supervision; 0: never
 */
record RestartPolicy(Duration steadyAfter, Duration maxPause, int giveUpAfter) {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  /** Short lives in a row, counting the one that has just ended. */
  int shortLives(int before, Duration life) {
    return life.compareTo(steadyAfter) >= 0 ? 0 : before + 1;
  }

  /** How long to wait after so many short lives in a row. */
  Duration pause(int shortLives) {
    if (shortLives <= 1) {
      return Duration.ZERO;
    }
    // 1 s, 2 s, 4 s, ...; the shift is bounded before it can overflow.
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(shortLives - 2, 30));
    return pause.compareTo(maxPause) < 0 ? pause : maxPause;
  }

  boolean givesUp(int shortLives) {
    return giveUpAfter > 0 && shortLives >= giveUpAfter;
  }
}
