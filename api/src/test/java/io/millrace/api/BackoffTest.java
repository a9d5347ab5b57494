/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class BackoffTest {
  @Property
  void aPauseIsBetweenHalfAndAllOfTheDoubledTimeAndNeverAboveTheCeiling(
      @ForAll @LongRange(min = 1, max = 10_000_000_000L) long firstNanos,
      @ForAll @LongRange(min = 0, max = 1_000_000_000_000L) long moreNanos,
      @ForAll @IntRange(min = 1, max = 1_000_000) int failures,
      @ForAll Random random) {
    Duration ceiling = Duration.ofNanos(firstNanos + moreNanos);
    Backoff backoff = new Backoff(Duration.ofNanos(firstNanos), ceiling);

    long pause = backoff.pause(failures, random).toNanos();

    double doubled = firstNanos * Math.pow(2, Math.min(failures - 1, 62));
    long full = (long) Math.min(doubled, ceiling.toNanos());
    assertThat(pause).isBetween(full / 2, full);
  }

  @Example
  void impossibleTimesAreRefused() {
    Duration second = Duration.ofSeconds(1);
    assertThatThrownBy(() -> new Backoff(Duration.ZERO, second))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Backoff(second, Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0.999S");
  }
}
