/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.nio.file.Path;

/** Whole and decimal numbers. */
final class NumberTypes {
  private NumberTypes() {}

  static ValueType ofInt(Limits limits) {
    return new Whole(limits, Integer.MIN_VALUE, Integer.MAX_VALUE, true);
  }

  static ValueType ofLong(Limits limits) {
    return new Whole(limits, Long.MIN_VALUE, Long.MAX_VALUE, false);
  }

  static ValueType ofDouble(Limits limits) {
    return new Decimal(limits);
  }

  private record Whole(Limits limits, long least, long most, boolean isInt) implements ValueType {
    @Override
    public String label() {
      return "number";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      long number;
      try {
        number = Long.parseLong(text);
      } catch (NumberFormatException e) {
        boolean isTooLong = text.matches("[+-]?\\d+");
        throw new UnusableValueException(
            (isTooLong ? "is out of range" : "is not a number")
                + expected(isTooLong ? narrowed() : limits));
      }
      if (number < narrowed().min() || number > narrowed().max()) {
        boolean isBeyondType = number < least || number > most;
        throw new UnusableValueException(
            "is out of range" + expected(isBeyondType ? narrowed() : limits));
      }
      return isInt ? (Object) (int) number : (Object) number;
    }

    private Limits narrowed() {
      return limits.within(least, most);
    }

    private static String expected(Limits limits) {
      return " (expected: " + limits.expectation("a number", " of ", "") + ")";
    }
  }

  private record Decimal(Limits limits) implements ValueType {
    @Override
    public String label() {
      return "decimal number";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      String expected = limits.expectation("a number", " of ", "");
      double number;
      try {
        number = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw new UnusableValueException("is not a number (expected: " + expected + ")");
      }
      boolean isInside =
          Double.isFinite(number)
              && (!limits.hasMin() || number >= limits.min())
              && (!limits.hasMax() || number <= limits.max());
      if (!isInside) {
        throw new UnusableValueException("is out of range (expected: " + expected + ")");
      }
      return number;
    }
  }
}
