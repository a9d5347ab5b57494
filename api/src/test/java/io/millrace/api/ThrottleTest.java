/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ThrottleTest {
  private final AtomicLong nanos = new AtomicLong(-5);
  private final Throttle throttle = new Throttle(Duration.ofNanos(10), nanos::get);

  @Test
  void onceAnIntervalPassesAndTellsWhatWasHeldBack() {
    assertThat(throttle.tryPass()).isZero();
    assertThat(throttle.tryPass()).isEqualTo(-1);
    nanos.addAndGet(9);
    assertThat(throttle.tryPass()).isEqualTo(-1);
    nanos.addAndGet(1);
    assertThat(throttle.tryPass()).isEqualTo(2);
    nanos.addAndGet(1000);
    assertThat(throttle.tryPass()).isZero();
  }

  @Test
  void aClockThatOverflowsKeepsItGoing() {
    nanos.set(Long.MAX_VALUE - 3);
    Throttle late = new Throttle(Duration.ofNanos(10), nanos::get);
    assertThat(late.tryPass()).isZero();
    nanos.addAndGet(9);
    assertThat(late.tryPass()).isEqualTo(-1);
    nanos.addAndGet(1);
    assertThat(late.tryPass()).isEqualTo(1);
  }
}
