/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import java.util.Collection;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

/**
 * One figure over all rounds of one product. A round that was cut off at a limit counts with the
 * limit, and the text says that it is more. Immutable.
 */
public final class Spread {
  private final double[] sorted;
  private final double cutAt;

  private Spread(double[] sorted, double cutAt) {
    this.sorted = sorted;
    this.cutAt = cutAt;
  }

  /** Of those rounds that have the figure; the others answer null. */
  public static <T> Spread of(Collection<T> rounds, Function<T, Number> figure) {
    return cutAt(Double.POSITIVE_INFINITY, rounds, figure);
  }

  /** The same, of rounds that were stopped when the figure had reached {@code limit}. */
  public static <T> Spread cutAt(double limit, Collection<T> rounds, Function<T, Number> figure) {
    double[] values =
        rounds.stream()
            .map(figure)
            .filter(Objects::nonNull)
            .mapToDouble(value -> Math.min(limit, value.doubleValue()))
            .sorted()
            .toArray();
    return new Spread(values, limit);
  }

  public boolean isEmpty() {
    return sorted.length == 0;
  }

  /** The middle round, or half way between the two of them; 0 of none. */
  public double median() {
    if (isEmpty()) {
      return 0;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Median (lowest to highest), each in a format of one number; empty of none. */
  public String text(String format) {
    if (isEmpty()) {
      return "";
    }
    if (sorted.length == 1) {
      return text(format, sorted[0]);
    }
    return text(format, median())
        + " ("
        + text(format, sorted[0])
        + " to "
        + text(format, sorted[sorted.length - 1])
        + ")";
  }

  private String text(String format, double value) {
    return (value >= cutAt ? "> " : "") + String.format(Locale.ROOT, format, value);
  }

  /** This median by the other's; empty where that has no meaning. */
  String ratioTo(Spread other) {
    if (isEmpty() || other.isEmpty() || other.median() == 0) {
      return "";
    }
    boolean isMore = median() >= cutAt;
    boolean isLess = other.median() >= other.cutAt;
    if (isMore && isLess) {
      return "";
    }
    double ratio = median() / other.median();
    int digits = ratio >= 100 ? 0 : ratio >= 10 ? 1 : ratio >= 0.1 ? 2 : 3;
    return (isMore ? "> " : isLess ? "< " : "")
        + String.format(Locale.ROOT, "%." + digits + "f", ratio);
  }
}
