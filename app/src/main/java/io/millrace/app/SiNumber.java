/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import java.math.BigDecimal;
import java.util.Locale;

/** Whole numbers as people write them: {@code 50k}, {@code 2.5M}, {@code 1_000}. Stateless. */
public final class SiNumber {
  private SiNumber() {}

  /**
   * Reads a number of 1 or more; {@code /s} at its end says nothing.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static long parse(String text) {
    String number = text.trim().toLowerCase(Locale.ROOT).replace("_", "").replace(",", "");
    if (number.endsWith("/s")) {
      number = number.substring(0, number.length() - 2).trim();
    }
    int last = number.length() - 1;
    int exponent = last < 0 ? 0 : exponent(number.charAt(last));
    if (exponent > 0) {
      number = number.substring(0, last).trim();
    }
    try {
      long value = new BigDecimal(number).scaleByPowerOfTen(exponent).longValueExact();
      if (value >= 1) {
        return value;
      }
    } catch (ArithmeticException | NumberFormatException e) {
      // Answered below like a number out of range.
    }
    throw new IllegalArgumentException(
        "'" + text + "' (expected: a number of 1 or more, such as 500, 50k, 2.5M or 1G)");
  }

  private static int exponent(char unit) {
    return switch (unit) {
      case 'k' -> 3;
      case 'm' -> 6;
      case 'g' -> 9;
      default -> 0;
    };
  }
}
