/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InertTextTest {
  @Test
  void whatMovesTheCursorEndsTheLineOrTurnsTextAroundIsEscaped() {
    assertThat(
            InertText.of("a\r\nb\u001b[31m\u0000\u0085\u2028\u2029\u202e\u200b\ue000\ud800c", 100))
        .isEqualTo(
            "a\\u{d}\\u{a}b\\u{1b}[31m\\u{0}\\u{85}\\u{2028}\\u{2029}\\u{202e}\\u{200b}"
                + "\\u{e000}\\u{d800}c");
  }

  @Test
  void lettersOfEveryScriptStayAsTheyAre() {
    assertThat(InertText.of("Zürich 東京 😀 \\ {}", 100)).isEqualTo("Zürich 東京 😀 \\ {}");
    assertThat(InertText.of("", 100)).isEmpty();
  }

  @Test
  void longTextIsCutAndTheRestCounted() {
    assertThat(InertText.of("x".repeat(10), 10)).isEqualTo("x".repeat(10));
    assertThat(InertText.of("x".repeat(17), 10)).isEqualTo("x".repeat(10) + "... 7 more");
    assertThat(InertText.of("\n\n\n", 2)).isEqualTo("\\u{a}\\u{a}... 1 more");
  }
}
