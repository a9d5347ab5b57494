/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How long a stop waits between "not ready" and closing its ports, so that load balancers turn
 * elsewhere first. Immutable.
 *
 * <p>Unless the operator gives a time: until everybody who polls readiness was told three times, at
 * most {@link #LIMIT}, and not at all when nobody polls.
 *
 * @param configured how long in any case; empty for as long as the pollers need
 */
public record Farewell(Optional<Duration> configured) {
  static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

  /** Waits, unless somebody is in a hurry. */
  @FunctionalInterface
  public interface Wait {
    /**
     * Waits for {@code time}.
     *
     * @return whether the wait is to end at once
     */
    boolean isHurried(Duration time) throws InterruptedException;
  }

  /**
   * @param text whole seconds, or a number with {@code ms} or {@code s}; null or empty for as long
   *     as the pollers need
   * @throws IllegalArgumentException when it is nothing of that
   */
  public static Farewell of(String text) {
    String value = text == null ? "" : text.trim().toLowerCase(Locale.ROOT);
    if (value.isEmpty() || value.equals("auto")) {
      return new Farewell(Optional.empty());
    }
    boolean isMillis = value.endsWith("ms");
    String digits = value.replaceFirst("\\s*m?s$", "");
    if (!digits.matches("\\d{1,7}")) {
      throw new IllegalArgumentException(
          "'" + text + "' (expected: auto, or a time such as 5s or 500ms)");
    }
    long number = Long.parseLong(digits);
    return new Farewell(
        Optional.of(isMillis ? Duration.ofMillis(number) : Duration.ofSeconds(number)));
  }

  /** What a stop may take longer because of it. */
  public Duration extraTime() {
    return configured.orElse(Duration.ZERO);
  }

  /**
   * Waits as long as it takes.
   *
   * @return how long that was
   */
  public Duration take(ReadinessPolls polls, Wait wait, LongSupplier nanoClock)
      throws InterruptedException {
    long begin = nanoClock.getAsLong();
    Duration limit = configured.orElse(LIMIT);
    while (true) {
      long now = nanoClock.getAsLong();
      Duration taken = Duration.ofNanos(now - begin);
      boolean isEnough =
          taken.compareTo(limit) >= 0 || configured.isEmpty() && !polls.isSomebodyUnaware(now);
      if (isEnough || wait.isHurried(BETWEEN_LOOKS)) {
        return taken;
      }
    }
  }
}
