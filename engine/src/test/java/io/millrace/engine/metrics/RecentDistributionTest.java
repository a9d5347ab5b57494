/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class RecentDistributionTest {
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final AtomicLong nanos = new AtomicLong();
  private final RecentDistribution distribution = new RecentDistribution(nanos::get);

  @Test
  void aMeanWouldHideWhatThePercentilesShow() {
    LongStream.range(0, 990).forEach(i -> distribution.record(100));
    LongStream.range(0, 10).forEach(i -> distribution.record(1_000_000));
    assertThat(distribution.count()).isEqualTo(1000);
    assertThat(distribution.percentile(50)).isCloseTo(100, within(1L));
    assertThat(distribution.percentile(99)).isCloseTo(100, within(1L));
    assertThat(distribution.percentile(99.9)).isCloseTo(1_000_000, within(10_000L));
    assertThat(distribution.percentile(100)).isCloseTo(1_000_000, within(10_000L));
  }

  @Test
  void anOldPeakIsForgottenAndTheCountIsNot() {
    distribution.record(5000);
    nanos.addAndGet(31 * SECOND_NANOS);
    assertThat(distribution.percentile(100)).isCloseTo(5000, within(50L));
    nanos.addAndGet(31 * SECOND_NANOS);
    distribution.record(20);
    assertThat(distribution.percentile(100)).isCloseTo(5000, within(50L));
    nanos.addAndGet(31 * SECOND_NANOS);
    assertThat(distribution.percentile(100)).isEqualTo(20);
    nanos.addAndGet(600 * SECOND_NANOS);
    assertThat(distribution.percentile(100)).isZero();
    assertThat(distribution.count()).isEqualTo(2);
  }

  @Test
  void aNegativeValueCountsAsZero() {
    distribution.record(-7);
    assertThat(distribution.percentile(100)).isZero();
    assertThat(distribution.count()).isEqualTo(1);
  }
}
