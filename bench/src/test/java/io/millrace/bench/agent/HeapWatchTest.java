/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeapWatchTest {
  private static final String HEADER =
      " S0C    S1C    S0U    S1U      EC       EU        OC         OU       MC     MU    YGC";

  @Test
  void addsUpTheSpacesOfTheHeapAndNothingElse() {
    String line =
        "0.0   2048.0  0.0   2048.0 162816.0 16384.5  97280.0     3436.5  11648.0 11431.5 3";

    assertThat(HeapWatch.parse(HEADER, line))
        .hasValue((long) ((0.0 + 2048.0 + 16384.5 + 3436.5) * 1024));
  }

  @Test
  void collectorsWithoutASpaceShowADash() {
    String line = "-   -  -   - 162816.0 1.0  97280.0     2.0  11648.0 11431.5 3";

    assertThat(HeapWatch.parse(HEADER, line)).hasValue(3 * 1024);
  }

  @Test
  void whatIsNoTableHasNoFigure() {
    assertThat(HeapWatch.parse("4711 not found", "x")).isEmpty();
    assertThat(HeapWatch.parse("S0C S1C", "1 2")).isEmpty();
  }

  @Test
  void seesTheHeapOfARunningProcess() throws Exception {
    try (HeapWatch watch = HeapWatch.start(ProcessHandle.current().pid(), Duration.ofMillis(50))) {
      await().until(() -> watch.usedBytes().isPresent());
      assertThat(watch.usedBytes().getAsLong())
          .isBetween(1L << 20, Runtime.getRuntime().maxMemory());
    }
  }
}
