/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ConfigurationException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * How an agent looks after its components. Immutable.
 *
 * @param stuckAfter how long a delivery, an emit, a start or a stop may take before it is said to
 *     be stuck
 * @param steadyAfter how long a component must have run for its earlier failures to be forgotten
 * @param outOfMemory is told when a component ran out of memory: what is left of the process cannot
 *     be relied on. The component fails in any case
 */
public record Supervision(
    Duration stuckAfter, Duration steadyAfter, Consumer<OutOfMemoryError> outOfMemory) {
  /** Name of the system property that sets {@link #stuckAfter}, in seconds. */
  public static final String STUCK_SECONDS = "millrace.stuck.seconds";

  private static final Duration STUCK_AFTER = Duration.ofSeconds(60);
  private static final Duration STEADY_AFTER = Duration.ofSeconds(60);

  public Supervision {
    if (stuckAfter.isNegative() || stuckAfter.isZero() || steadyAfter.isNegative()) {
      throw new IllegalArgumentException(
          "stuckAfter: " + stuckAfter + ", steadyAfter: " + steadyAfter + " (expected: positive)");
    }
  }

  /** The defaults; an agent inside another program does not end that. */
  public static Supervision standard() {
    return new Supervision(STUCK_AFTER, STEADY_AFTER, error -> {});
  }

  /**
   * As the process was told.
   *
   * @param properties gives a system property, or null
   * @throws ConfigurationException when one is not understood
   */
  public static Supervision of(
      UnaryOperator<String> properties, Consumer<OutOfMemoryError> outOfMemory) {
    String seconds = properties.apply(STUCK_SECONDS);
    if (seconds == null) {
      return new Supervision(STUCK_AFTER, STEADY_AFTER, outOfMemory);
    }
    try {
      return new Supervision(
          Duration.ofSeconds(Integer.parseInt(seconds.trim())), STEADY_AFTER, outOfMemory);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "-D"
              + STUCK_SECONDS
              + "="
              + seconds
              + " (expected: a whole number of seconds, 1 or more)");
    }
  }
}
