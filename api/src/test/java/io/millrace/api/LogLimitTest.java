/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LogLimitTest {
  @Test
  void oneLinePerIntervalPassesAndTheOthersAreCounted() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    LogLimit limit = new LogLimit(Duration.ofNanos(10), now::get);
    assertThat(limit.allows()).isTrue();
    assertThat(limit.allows()).isFalse();
    now.addAndGet(9);
    assertThat(limit.allows()).isFalse();
    now.addAndGet(1);
    assertThat(limit.allows()).isTrue();
    assertThat(limit.takeLeftOut()).isEqualTo(2);
    assertThat(limit.takeLeftOut()).isZero();
  }
}
