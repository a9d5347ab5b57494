/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private final RestartPolicy policy =
      new RestartPolicy(Duration.ofSeconds(60), Duration.ofSeconds(60), 4);

  @Test
  void theFirstRestartIsAtOnceAndTheNextOnesComeLaterAndLater() {
    assertThat(IntStream.range(0, 10).mapToObj(policy::pause).map(Duration::toSeconds))
        .containsExactly(0L, 0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    assertThat(policy.pause(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void aLongLifeMakesGoodForTheShortOnes() {
    assertThat(policy.shortLives(3, Duration.ofSeconds(59))).isEqualTo(4);
    assertThat(policy.shortLives(3, Duration.ofSeconds(60))).isZero();
  }

  @Test
  void itGivesUpOnlyWhereItIsToldTo() {
    assertThat(policy.givesUp(3)).isFalse();
    assertThat(policy.givesUp(4)).isTrue();
    RestartPolicy never = new RestartPolicy(Duration.ofSeconds(60), Duration.ofSeconds(60), 0);
    assertThat(never.givesUp(1000)).isFalse();
  }
}
