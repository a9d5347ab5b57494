/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.components.testing.ToySourceContext;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StressSourceTest {
  private final ToySourceContext context = new ToySourceContext();
  private Source source;

  private void start(long total, long successful, int eventsPerSecond) throws Exception {
    source =
        new StressOptions(
                DataSize.ofBytes(3),
                total,
                successful,
                10,
                eventsPerSecond,
                Duration.ofMillis(1),
                Duration.ofMillis(5))
            .build(context);
    source.start();
  }

  @AfterEach
  void stop() throws Exception {
    source.stop();
  }

  @Test
  void bodiesAreOfTheSizeAndTheLowerLimitHolds() throws Exception {
    start(100, 55, 0);

    await().until(() -> context.output().bodies().size() >= 55);
    source.stop();
    assertThat(context.output().bodies()).hasSize(55).containsOnly("\u007f\u007f\u007f");
  }

  @Test
  void theRateIsKept() throws Exception {
    long begin = System.nanoTime();
    start(-1, -1, 500);
    await().until(() -> context.output().bodies().size() >= 200);
    source.stop();
    double seconds = (System.nanoTime() - begin) / 1e9;

    // One batch goes at the very beginning.
    assertThat(context.output().bodies().size()).isLessThanOrEqualTo((int) (500 * seconds) + 10);
  }
}
