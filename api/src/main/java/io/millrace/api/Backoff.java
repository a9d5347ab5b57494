/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between tries: doubling from {@code first} to {@code ceiling}, each shortened at random by
 * up to a half so that peers do not return in step. Immutable; the count of failures is the
 * caller's.
 *
 * @since 0.1
 */
public record Backoff(Duration first, Duration ceiling) {
  public Backoff {
    if (first.isNegative() || first.isZero() || ceiling.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "first: " + first + ", ceiling: " + ceiling + " (expected: 0 < first <= ceiling)");
    }
  }

  /** Pause before try number {@code failures + 1}; {@code failures} is 1 or more. */
  public Duration pause(int failures, RandomGenerator random) {
    int doublings = Math.min(failures - 1, 40);
    long nanos =
        first.toNanos() > ceiling.toNanos() >> doublings
            ? ceiling.toNanos()
            : first.toNanos() << doublings;
    return Duration.ofNanos(nanos - random.nextLong(nanos / 2 + 1));
  }
}
