/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations and sizes: numbers with a unit, or without one in the option's own. */
final class QuantityTypes {
  private QuantityTypes() {}

  static ValueType duration(Limits limits, BareUnit bareUnit) {
    long unitMillis =
        switch (bareUnit) {
          case MILLISECONDS -> 1;
          case SECONDS -> 1000;
          case NONE, BYTES ->
              throw new IllegalArgumentException(
                  "bareUnit of a duration: " + bareUnit + " (expected: MILLISECONDS or SECONDS)");
        };
    return new DurationType(limits, unitMillis, bareUnit == BareUnit.SECONDS ? " s" : " ms");
  }

  static ValueType size(Limits limits, BareUnit bareUnit) {
    if (bareUnit != BareUnit.BYTES) {
      throw new IllegalArgumentException("bareUnit of a size: " + bareUnit + " (expected: BYTES)");
    }
    return new SizeType(limits);
  }

  private record DurationType(Limits limits, long bareMillis, String bareUnit)
      implements ValueType {
    private static final Pattern FORM = Pattern.compile("([+-]?\\d+)\\s*([a-zA-Z]*)");

    @Override
    public String label() {
      return "duration";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      Matcher matcher = FORM.matcher(text);
      if (!matcher.matches()) {
        throw notADuration();
      }
      long millis;
      try {
        millis = Math.multiplyExact(Long.parseLong(matcher.group(1)), unitMillis(matcher.group(2)));
      } catch (ArithmeticException | NumberFormatException e) {
        throw outOfRange();
      }
      boolean isInside =
          (!limits.hasMin() || millis >= saturated(limits.min()))
              && (!limits.hasMax() || millis <= saturated(limits.max()));
      if (!isInside) {
        throw outOfRange();
      }
      return Duration.ofMillis(millis);
    }

    private long unitMillis(String unit) throws UnusableValueException {
      return switch (unit.toLowerCase(Locale.ROOT)) {
        case "" -> bareMillis;
        case "ms" -> 1;
        case "s" -> 1000;
        case "m", "min" -> 60_000;
        case "h" -> 3_600_000;
        case "d" -> 86_400_000;
        default -> throw notADuration();
      };
    }

    private long saturated(long inBareUnit) {
      try {
        return Math.multiplyExact(inBareUnit, bareMillis);
      } catch (ArithmeticException e) {
        return inBareUnit < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
      }
    }

    private UnusableValueException notADuration() {
      return new UnusableValueException(
          "is not a duration (expected: a number with ms, s, min, h or d; without it is in"
              + bareUnit
              + ")");
    }

    private UnusableValueException outOfRange() {
      return new UnusableValueException(
          "is out of range (expected: " + limits.expectation("a duration", " of ", bareUnit) + ")");
    }
  }

  private record SizeType(Limits limits) implements ValueType {
    @Override
    public String label() {
      return "size";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      DataSize size;
      try {
        size = DataSize.parse(text);
      } catch (IllegalArgumentException e) {
        throw new UnusableValueException(
            "is not a size (expected: a number of bytes, or one with kB, MB, GB, KiB, MiB or GiB)");
      }
      if (size.bytes() < limits.min() || size.bytes() > limits.max()) {
        throw new UnusableValueException(
            "is out of range (expected: " + limits.expectation("a size", " of ", " B") + ")");
      }
      return size;
    }
  }
}
