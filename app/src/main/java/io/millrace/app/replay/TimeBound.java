/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as an operator gives them. Stateless. */
final class TimeBound {
  static final String FORMS =
      "2026-11-23T14:00:00Z, 2026-11-23T14:00, 2026-11-23, -2h (s, m, h, d before now), now, or"
          + " milliseconds since 1970";

  private static final Pattern RELATIVE = Pattern.compile("-(\\d{1,9})\\s*([smhd])");
  private static final Pattern MILLIS = Pattern.compile("\\d{11,15}");

  private TimeBound() {}

  /** Whether the same text means another time later. */
  static boolean isRelative(String text) {
    String time = text.trim().toLowerCase(Locale.ROOT);
    return time.equals("now") || RELATIVE.matcher(time).matches();
  }

  /**
   * Reads a time; one without an offset is that of {@code zone}, a date is its first moment.
   *
   * @throws IllegalArgumentException with the forms that are understood
   */
  static Instant parse(String text, Instant now, ZoneId zone) {
    String time = text.trim();
    Matcher relative = RELATIVE.matcher(time.toLowerCase(Locale.ROOT));
    if (relative.matches()) {
      return now.minus(span(Long.parseLong(relative.group(1)), relative.group(2).charAt(0)));
    }
    if (time.equalsIgnoreCase("now")) {
      return now;
    }
    if (MILLIS.matcher(time).matches()) {
      return Instant.ofEpochMilli(Long.parseLong(time));
    }
    String iso = time.replace(' ', 'T');
    List<Function<String, Instant>> forms =
        List.of(
            form -> OffsetDateTime.parse(form).toInstant(),
            form -> LocalDateTime.parse(form).atZone(zone).toInstant(),
            form -> LocalDate.parse(form).atStartOfDay(zone).toInstant());
    for (Function<String, Instant> form : forms) {
      try {
        return form.apply(iso);
      } catch (DateTimeException e) {
        // Maybe it has the next form.
      }
    }
    throw new IllegalArgumentException("'" + text + "' (expected: " + FORMS + ")");
  }

  private static Duration span(long number, char unit) {
    return switch (unit) {
      case 's' -> Duration.ofSeconds(number);
      case 'm' -> Duration.ofMinutes(number);
      case 'h' -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
