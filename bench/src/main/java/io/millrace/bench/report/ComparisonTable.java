/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import io.millrace.bench.agent.Product;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * A Markdown table with a column for each product and the ratio of their medians, Millrace by
 * Flume. Confined to one thread.
 *
 * @param <T> what one round of one product measured
 */
public final class ComparisonTable<T> {
  private final List<T> ours;
  private final List<T> theirs;
  private final StringBuilder text = new StringBuilder();

  public ComparisonTable(Collection<T> rounds, Function<T, Product> product) {
    this.ours = rounds.stream().filter(r -> product.apply(r) == Product.MILLRACE).toList();
    this.theirs = rounds.stream().filter(r -> product.apply(r) == Product.FLUME).toList();
    text.append("| | ").append(Product.MILLRACE.title()).append(" | ");
    text.append(Product.FLUME.title()).append(" | ratio |\n|---|---:|---:|---:|\n");
  }

  /**
   * A row; none where no round has the figure.
   *
   * @param format of one number
   * @param figure answers null for a round that does not have it
   */
  public ComparisonTable<T> row(String title, String format, Function<T, Number> figure) {
    return row(title, format, Spread.of(ours, figure), Spread.of(theirs, figure));
  }

  /** A row whose figures need not come from {@code rounds}. */
  public ComparisonTable<T> row(String title, String format, Spread our, Spread their) {
    if (!our.isEmpty() || !their.isEmpty()) {
      text.append("| ").append(title).append(" | ").append(our.text(format)).append(" | ");
      text.append(their.text(format)).append(" | ").append(our.ratioTo(their)).append(" |\n");
    }
    return this;
  }

  public String markdown() {
    return text.toString();
  }
}
