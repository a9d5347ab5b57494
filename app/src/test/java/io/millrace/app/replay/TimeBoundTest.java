/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TimeBoundTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "2026-11-23T14:00:00Z, 2026-11-23T14:00:00Z",
    "2026-11-23T14:00+02:00, 2026-11-23T12:00:00Z",
    "2026-11-23T14:00, 2026-11-23T13:00:00Z",
    "2026-11-23 14:00:05, 2026-11-23T13:00:05Z",
    "2026-11-23, 2026-11-22T23:00:00Z",
    "-2h, 2026-11-23T12:00:00Z",
    "-90s, 2026-11-23T13:58:30Z",
    "-1D, 2026-11-22T14:00:00Z",
    "now, 2026-11-23T14:00:00Z",
    "1795442400000, 2026-11-23T14:00:00Z"
  })
  void aTimeIsUnderstood(String text, Instant time) {
    assertThat(TimeBound.parse(text, NOW, ZONE)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "2h", "-2 weeks", "2026-13-01", "14:00", "12"})
  void whatIsNoTimeIsAnsweredWithTheForms(String text) {
    assertThatThrownBy(() -> TimeBound.parse(text, NOW, ZONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected: 2026-11-23T14:00:00Z");
  }

  @Test
  void relativeTimesMeanAnotherTimeLater() {
    assertThat(TimeBound.isRelative("-2h")).isTrue();
    assertThat(TimeBound.isRelative("now")).isTrue();
    assertThat(TimeBound.isRelative("2026-11-23")).isFalse();
    assertThat(TimeBound.isRelative("")).isFalse();
  }
}
