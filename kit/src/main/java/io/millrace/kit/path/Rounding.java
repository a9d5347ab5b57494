/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Rounds a time down: the field is reduced to a multiple of the value, what is smaller becomes
 * zero. Immutable.
 *
 * @param value of the unit; 1 to 60 for seconds and minutes, 1 to 24 for hours
 */
public record Rounding(int value, Unit unit) {
  /** Whole seconds: what every form but {@code %t} can tell apart anyway. */
  public static final Rounding NONE = new Rounding(1, Unit.SECOND);

  /** What is counted. */
  public enum Unit {
    SECOND,
    MINUTE,
    HOUR
  }

  public Rounding {
    int max = unit == Unit.HOUR ? 24 : 60;
    if (value < 1 || value > max) {
      throw new IllegalArgumentException("value: " + value + " (expected: 1 to " + max + ")");
    }
  }

  ZonedDateTime floor(ZonedDateTime time) {
    return switch (unit) {
      case SECOND -> {
        ZonedDateTime whole = time.truncatedTo(ChronoUnit.SECONDS);
        yield value == 1 ? whole : whole.withSecond(whole.getSecond() / value * value);
      }
      case MINUTE -> {
        ZonedDateTime whole = time.truncatedTo(ChronoUnit.MINUTES);
        yield whole.withMinute(whole.getMinute() / value * value);
      }
      case HOUR -> {
        ZonedDateTime whole = time.truncatedTo(ChronoUnit.HOURS);
        yield value == 1 ? whole : whole.withHour(whole.getHour() / value * value);
      }
    };
  }
}
