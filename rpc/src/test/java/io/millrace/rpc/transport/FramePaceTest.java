/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** With the default limits: 30 s of grace, then 1 KiB a second, and 5 minutes for the whole. */
class FramePaceTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final FramePace pace = new FramePace(ServerLimits.defaults());

  @Test
  void aFrameMayBeSlowForTheGrace() {
    pace.frameBegan(0);
    assertThat(pace.slowness(29 * SECOND, 0)).isEmpty();
    assertThat(pace.slowness(30 * SECOND, 30 * 1024 - 1)).isPresent();
  }

  @Test
  void whatWasSentInOneWindowIsNoCreditForTheNext() {
    pace.frameBegan(0);
    assertThat(pace.slowness(30 * SECOND, 10 << 20)).isEmpty();
    assertThat(pace.slowness(60 * SECOND, (10 << 20) + 100)).isPresent();
  }

  @Test
  void aRateJustAboveTheLowestIsCutOffByTheDeadline() {
    pace.frameBegan(0);
    for (int second = 1; second <= 300; second++) {
      assertThat(pace.slowness(second * SECOND, second * 1100)).as("second %d", second).isEmpty();
    }
    assertThat(pace.slowness(301 * SECOND, 301 * 1100).orElseThrow())
        .contains("301000 ms")
        .contains("the whole of it in 300000 ms");
  }

  @Test
  void timeInWhichNothingWasReadDoesNotCount() {
    pace.frameBegan(0);
    pace.paused(400 * SECOND);
    assertThat(pace.slowness(420 * SECOND, 0)).isEmpty();
    assertThat(pace.slowness(431 * SECOND, 0)).isPresent();
  }
}
