/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class OriginTest {
  private final Origin origin = new Origin(new UUID(1, 2), 3, 100, 10, 7, 90, true, "peer");

  @Test
  void aPartKeepsAllButItsSequences() {
    assertThat(origin.part(104, 110))
        .isEqualTo(new Origin(new UUID(1, 2), 3, 104, 6, 7, 90, true, "peer"));
    assertThatThrownBy(() -> origin.part(99, 105)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> origin.part(105, 111)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> origin.part(105, 105)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSecondTryIsNotFresh() {
    assertThat(origin.again().isFresh()).isFalse();
    assertThat(origin.again().first()).isEqualTo(100);
    assertThat(Origin.NONE.isKnown()).isFalse();
  }

  @Test
  void numbersOutOfBoundsAreNoOrigin() {
    UUID id = new UUID(1, 2);
    assertThatThrownBy(() -> new Origin(id, -1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Origin(id, 0, Long.MAX_VALUE, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Origin(id, 0, 10, 1, 0, 11, false, ""))
        .hasMessageContaining("floor: 11 (expected: 0 to 10)");
  }
}
