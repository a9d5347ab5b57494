/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.format.SequenceRange;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Figures as an operator reads them. Stateless. */
final class Amounts {
  private static final List<String> UNITS = List.of("KiB", "MiB", "GiB", "TiB");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  /** Most ranges written out; the rest is counted. */
  private static final int MAX_RANGES = 4;

  private Amounts() {}

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  static String count(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  static String bytes(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String unit = "B";
    for (int i = 0; i < UNITS.size() && value >= 1023.95; i++) {
      value /= 1024;
      unit = UNITS.get(i);
    }
    return String.format(Locale.ROOT, "%.1f %s", value, unit);
  }

  static String time(Instant time, ZoneId zone) {
    return TIME.format(time.atZone(zone));
  }

  static String age(Optional<Instant> time, Instant now) {
    return time.map(at -> span(Duration.between(at, now)) + " old").orElse("of unknown age");
  }

  static String span(Duration span) {
    long seconds = Math.max(0, span.toSeconds());
    if (seconds < 120) {
      return count(seconds, "second");
    }
    if (seconds < 120 * 60) {
      return count(seconds / 60, "minute");
    }
    return seconds < 48 * 3600 ? count(seconds / 3600, "hour") : count(seconds / 86_400, "day");
  }

  /** As the journal's own messages have it: first and last. */
  static String sequences(List<SequenceRange> ranges) {
    StringBuilder text = new StringBuilder("sequence");
    boolean isOne = ranges.size() == 1 && ranges.get(0).count() == 1;
    text.append(isOne ? " " : "s ");
    for (int i = 0; i < ranges.size(); i++) {
      if (i == MAX_RANGES) {
        return text.append(" and ").append(ranges.size() - i).append(" more ranges").toString();
      }
      text.append(i == 0 ? "" : ", ").append(sequences(ranges.get(i)));
    }
    return text.toString();
  }

  static String sequences(SequenceRange range) {
    return range.count() == 1 ? "" + range.first() : range.first() + "-" + (range.end() - 1);
  }
}
