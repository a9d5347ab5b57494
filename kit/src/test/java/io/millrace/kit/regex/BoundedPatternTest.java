/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.regex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import org.junit.jupiter.api.Test;

final class BoundedPatternTest {
  @Test
  void matchesAreThoseOfTheJdk() throws Exception {
    BoundedPattern pattern = BoundedPattern.compile("regex", "(\\w+)=(\\d+)(;)?");

    assertThat(pattern.groupCount()).isEqualTo(3);
    assertThat(pattern.isFoundIn("x a=1 y")).isTrue();
    assertThat(pattern.matches("x a=1 y")).isFalse();
    assertThat(pattern.find("x a=1 b=2").orElseThrow().group(2)).isEqualTo("1");
    assertThat(pattern.find("x a=1 b=2").orElseThrow().group(3)).isNull();
    assertThat(pattern.find("nothing")).isEmpty();
    assertThat(pattern.replaceAll("a=1 b=22", "$2=$1")).isEqualTo("1=a 22=b");
    String untouched = "nothing";
    assertThat(pattern.replaceAll(untouched, "x")).isSameAs(untouched);
  }

  @Test
  void anExpressionThatBacktracksWithoutEndIsStopped() {
    BoundedPattern pattern = BoundedPattern.compile("regex", "a*a*a*a*a*a*b");

    assertThatThrownBy(() -> pattern.isFoundIn("a".repeat(300)))
        .isInstanceOf(RunawayPatternException.class)
        .hasMessageContaining("300 characters");
  }

  @Test
  void anExpressionThatRecursesTooDeepIsStopped() {
    BoundedPattern pattern = BoundedPattern.compile("regex", "(?:a|b)*c");

    assertThatThrownBy(() -> pattern.matches("ab".repeat(1 << 20)))
        .isInstanceOf(RunawayPatternException.class)
        .hasMessageContaining("stack");
  }

  @Test
  void aLongTextThatIsReadOnceIsNoRunaway() throws Exception {
    BoundedPattern pattern = BoundedPattern.compile("regex", "^.*needle");

    assertThat(pattern.isFoundIn("x".repeat(8 << 20) + "needle")).isTrue();
  }

  @Test
  void whatIsNoExpressionIsSaidWithTheOption() {
    assertThatThrownBy(() -> BoundedPattern.compile("regex", "a("))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo("regex"))
        .hasMessageContaining("'a(' is not a regular expression: Unclosed group near index 2");
  }

  @Test
  void aReplacementIsCheckedBeforeTheFirstEvent() {
    BoundedPattern pattern = BoundedPattern.compile("regex", "(?x) (?<n>a) # comment");

    pattern.checkReplacement("to", "$1${n}\\$");
    for (String wrong : new String[] {"$2", "${m}", "$", "a\\"}) {
      assertThatThrownBy(() -> pattern.checkReplacement("to", wrong))
          .as(wrong)
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("'" + wrong + "' is not a replacement");
    }
  }
}
