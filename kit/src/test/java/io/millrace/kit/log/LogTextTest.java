/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {
  @Test
  void controlCharactersAreReplacedAndLongTextIsCut() {
    assertThat(LogText.of("a\r\nb\u001B[31m\u2028c\u202Eé")).isEqualTo("a??b?[31m?c?é");
    assertThat(LogText.of("x".repeat(1000))).hasSize(LogText.MAX_CHARS + 3).endsWith("x...");
    assertThat(LogText.of(null)).isEqualTo("null");
  }
}
