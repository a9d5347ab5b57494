/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void theMedianIsTheMiddleRoundOrHalfWayBetweenTwo() {
    assertThat(spread(9.0, 1.0, 5.0).median()).isEqualTo(5);
    assertThat(spread(9.0, 1.0, 5.0, 6.0).median()).isEqualTo(5.5);
    assertThat(spread(9.0, 1.0, 5.0).text("%.0f")).isEqualTo("5 (1 to 9)");
  }

  @Test
  void oneRoundStandsAloneAndNoneLeavesTheCellEmpty() {
    assertThat(spread(5.0).text("%.1f")).isEqualTo("5.0");
    assertThat(spread().text("%.1f")).isEmpty();
    assertThat(spread().ratioTo(spread(2.0))).isEmpty();
  }

  @Test
  void aRoundWithoutTheFigureDoesNotCount() {
    assertThat(spread(9.0, null, 1.0).median()).isEqualTo(5);
  }

  @Test
  void aRoundThatWasCutOffIsMoreThanTheLimit() {
    Spread cut = Spread.cutAt(300, List.of(300.0, 20.0, 301.0), Function.identity());

    assertThat(cut.text("%.0f")).isEqualTo("> 300 (20 to > 300)");
    assertThat(spread(3.0).ratioTo(cut)).isEqualTo("< 0.010");
    assertThat(cut.ratioTo(spread(3.0))).isEqualTo("> 100");
    assertThat(cut.ratioTo(cut)).isEmpty();
  }

  @Test
  void ratiosKeepThreeDigitsOrSo() {
    assertThat(spread(2182399.0).ratioTo(spread(9554.0))).isEqualTo("228");
    assertThat(spread(24.31).ratioTo(spread(1.0))).isEqualTo("24.3");
    assertThat(spread(1.0).ratioTo(spread(2.0))).isEqualTo("0.50");
    assertThat(spread(1.0).ratioTo(spread(0.0))).isEmpty();
  }

  private static Spread spread(Double... values) {
    return Spread.of(Arrays.asList(values), value -> value);
  }
}
