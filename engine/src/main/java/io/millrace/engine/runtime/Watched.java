/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.util.Optional;

/** What supervision asks a running component. Safe for many threads. */
interface Watched {
  /** Why it cannot go on, or null while it can. */
  Throwable failure();

  /** Why a failure must be lived with, if it must: a restart would lose events. */
  default Optional<String> obstacleToRestart() {
    return Optional.empty();
  }

  /**
   * Called once the failed component has stopped: gives up what it had under way and did not
   * answer.
   */
  default void abandon() throws InterruptedException {}

  /** What does not get on, if anything has been under way for longer than {@code limitNanos}. */
  default Optional<Stall> stall(long nowNanos, long limitNanos) {
    return Optional.empty();
  }

  /**
   * Something that takes too long.
   *
   * @param isStuck false when the reason is known and will pass by itself: a full channel
   */
  record Stall(String what, boolean isStuck) {}
}
