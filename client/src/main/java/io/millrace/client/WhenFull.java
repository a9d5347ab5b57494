/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import java.time.Duration;

/**
 * What a send does while the buffer has no room: waits for some, at most this long, then fails with
 * {@link BufferFullException}. Immutable.
 *
 * @param longestWait zero to fail at once
 * @since 0.1
 */
public record WhenFull(Duration longestWait) {
  public WhenFull {
    if (longestWait.isNegative()) {
      throw new IllegalArgumentException(
          "longestWait: " + longestWait + " (expected: zero or more)");
    }
  }

  /** Never waits. */
  public static WhenFull fail() {
    return new WhenFull(Duration.ZERO);
  }

  /** Blocks the caller up to {@code longestWait}. */
  public static WhenFull block(Duration longestWait) {
    return new WhenFull(longestWait);
  }
}
