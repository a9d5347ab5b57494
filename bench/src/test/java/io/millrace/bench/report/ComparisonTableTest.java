/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.agent.Product;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTableTest {
  private record Round(Product product, double rate, Double stop) {}

  @Test
  void medianAndRatioOfEachRowAndNoRowWithoutFigures() {
    String table =
        new ComparisonTable<>(
                List.of(
                    new Round(Product.MILLRACE, 100, null),
                    new Round(Product.FLUME, 10, null),
                    new Round(Product.FLUME, 30, null),
                    new Round(Product.MILLRACE, 300, null)),
                Round::product)
            .row("events/s", "%.0f", Round::rate)
            .row("stop, s", "%.1f", Round::stop)
            .markdown();

    assertThat(table.lines())
        .containsExactly(
            "| | Millrace | Apache Flume 1.11.0 | ratio |",
            "|---|---:|---:|---:|",
            "| events/s | 200 (100 to 300) | 20 (10 to 30) | 10.0 |");
  }

  @Test
  void aProductThatWasNotMeasuredHasEmptyCells() {
    String table =
        new ComparisonTable<>(List.of(new Round(Product.MILLRACE, 100, 2.5)), Round::product)
            .row("stop, s", "%.1f", Round::stop)
            .markdown();

    assertThat(table).endsWith("| stop, s | 2.5 |  |  |\n");
  }
}
