/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class OutcomeTest {
  @Test
  void deliveredIsWhatNobodyHasSaidOtherwiseOf() {
    assertThat(Outcome.delivered().isFullyDelivered()).isTrue();
    assertThat(Outcome.builder().build().isFullyDelivered()).isTrue();
    assertThat(Outcome.delivered().nextRetry(0)).isEqualTo(-1);
    assertThat(Outcome.delivered().nextSettled(3)).isEqualTo(3);
  }

  @Test
  void retriesAndRejectionsAreToldByIndex() {
    Outcome outcome =
        Outcome.builder().retry(2, 5).reject(7, "too large").reject(1, "no table").build();

    assertThat(outcome.isFullyDelivered()).isFalse();
    assertThat(outcome.retryCount()).isEqualTo(3);
    assertThat(outcome.isRetried(1)).isFalse();
    assertThat(outcome.isRetried(4)).isTrue();
    assertThat(outcome.nextRetry(0)).isEqualTo(2);
    assertThat(outcome.nextRetry(5)).isEqualTo(-1);
    assertThat(outcome.nextSettled(2)).isEqualTo(5);
    assertThat(outcome.rejections())
        .containsExactly(java.util.Map.entry(1, "no table"), java.util.Map.entry(7, "too large"));
  }

  @Test
  void theLastWordOnAnEventCounts() {
    Outcome rejected = Outcome.builder().retry(0, 3).reject(1, "bad").build();
    assertThat(rejected.isRetried(1)).isFalse();
    assertThat(rejected.retryCount()).isEqualTo(2);

    Outcome retried = Outcome.builder().reject(1, "bad").reject(5, "bad").retry(0, 3).build();
    assertThat(retried.isRetried(1)).isTrue();
    assertThat(retried.rejections()).containsOnlyKeys(5);
  }

  @Test
  void anOutcomeDoesNotChangeWithItsBuilder() {
    Outcome.Builder builder = Outcome.builder().retry(0, 1);
    Outcome outcome = builder.build();
    builder.retry(1, 2).reject(3, "late");

    assertThat(outcome.retryCount()).isEqualTo(1);
    assertThat(outcome.rejections()).isEmpty();
  }
}
