/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.discard;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Origin;
import io.millrace.api.Sink;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToySinkContext;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NullSinkTest {
  private static List<String> drop(int logEveryNEvents, int... batches) {
    Sink sink = new NullSinkOptions(100, logEveryNEvents).build(ToySinkContext.named("k1"));
    try (LogCapture log = new LogCapture(NullSink.class)) {
      for (int events : batches) {
        assertThat(sink.deliver(Events.numbered(0, events), Origin.NONE).join().isFullyDelivered())
            .isTrue();
      }
      return List.copyOf(log.lines());
    }
  }

  @Test
  void progressIsLoggedEachTimeTheNumberIsReached() {
    assertThat(drop(10, 9, 1, 9, 25, 1))
        .containsExactly(
            "INFO Null sink k1: 10 events dropped so far",
            "INFO Null sink k1: 44 events dropped so far");
  }

  @Test
  void zeroIsSilent() {
    assertThat(drop(0, 100, 100)).isEmpty();
  }
}
