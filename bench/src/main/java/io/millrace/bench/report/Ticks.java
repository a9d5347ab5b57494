/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Round numbers along an axis from 0: steps of 1, 2 or 5 by a power of ten. Immutable.
 *
 * @param last the end of the axis, not below what it has to show
 */
record Ticks(double step, double last) {
  /** An axis for values of 0 to {@code max} with at most {@code most} steps. */
  static Ticks upTo(double max, int most) {
    if (!(max > 0) || most < 1) {
      return new Ticks(1, 1);
    }
    double power = Math.pow(10, Math.floor(Math.log10(max / most)));
    for (int factor : new int[] {1, 2, 5, 10}) {
      double step = power * factor;
      if (Math.ceil(max / step - 1e-9) <= most) {
        return new Ticks(step, step * Math.ceil(max / step - 1e-9));
      }
    }
    throw new AssertionError("unreachable: ten times the power holds most steps");
  }

  List<Double> values() {
    List<Double> values = new ArrayList<>();
    for (int i = 0; i * step <= last * (1 + 1e-9); i++) {
      values.add(i * step);
    }
    return values;
  }

  /** With as many digits as the step needs. */
  String label(double value) {
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
