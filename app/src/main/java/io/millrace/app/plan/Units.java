/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Figures with units, read and written. Disks and networks count in powers of 1000, memory in
 * powers of 1024, as those who sell them do. Stateless.
 */
final class Units {
  private static final List<String> DECIMAL = List.of("", "k", "M", "G", "T", "P", "E");
  private static final Pattern AMOUNT = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([A-Za-z]*)(/s)?");
  private static final Pattern SPAN = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([smhd]|min)");

  private Units() {}

  /** {@code 500}, {@code 500B}, {@code 2kB}, {@code 1MiB}; {@code /s} at its end says nothing. */
  static double bytes(String text) {
    return amount(text, "B", "500B, 2kB or 1MiB");
  }

  /** {@code 10Gbit}, {@code 100Mbit/s}. */
  static double bits(String text) {
    return amount(text, "bit", "1Gbit/s or 100Mbit/s");
  }

  private static double amount(String text, String unit, String expected) {
    Matcher matcher = AMOUNT.matcher(text.trim());
    if (matcher.matches()) {
      String given = matcher.group(2).toLowerCase(Locale.ROOT);
      String base = unit.toLowerCase(Locale.ROOT);
      String prefix =
          given.endsWith(base) ? given.substring(0, given.length() - base.length()) : given;
      boolean isBinary = prefix.endsWith("i");
      int power = power(isBinary ? prefix.substring(0, prefix.length() - 1) : prefix);
      if (power >= 0 && !(isBinary && power == 0)) {
        return Double.parseDouble(matcher.group(1)) * Math.pow(isBinary ? 1024 : 1000, power);
      }
    }
    throw new IllegalArgumentException("'" + text + "' (expected: such as " + expected + ")");
  }

  private static int power(String prefix) {
    return prefix.isEmpty()
        ? 0
        : "kmgt".indexOf(prefix) < 0 || prefix.length() > 1 ? -1 : "kmgt".indexOf(prefix) + 1;
  }

  /** {@code 90s}, {@code 30m}, {@code 6h}, {@code 7d}. */
  static Duration span(String text) {
    Matcher matcher = SPAN.matcher(text.trim().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' (expected: such as 90s, 30m, 6h or 7d)");
    }
    double seconds =
        Double.parseDouble(matcher.group(1))
            * switch (matcher.group(2)) {
              case "s" -> 1;
              case "h" -> 3600;
              case "d" -> 86_400;
              default -> 60;
            };
    return Duration.ofMillis((long) Math.min(seconds * 1e3, Long.MAX_VALUE / 2));
  }

  static String span(Duration span) {
    return seconds(span.toMillis() / 1e3);
  }

  static String seconds(double seconds) {
    if (seconds < 120) {
      return plain(round(seconds, 10)) + " s";
    }
    if (seconds < 7200) {
      return plain(round(seconds / 60, 10)) + " min";
    }
    return seconds < 172_800
        ? plain(round(seconds / 3600, 10)) + " h"
        : plain(round(seconds / 86_400, 10)) + " days";
  }

  private static double round(double value, int parts) {
    return Math.round(value * parts) / (double) parts;
  }

  /** As many digits as say something: whole when large, a few behind the point when small. */
  static String plain(double value) {
    if (value == Math.rint(value) || Math.abs(value) >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int digits =
        Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
    String text = String.format(Locale.ROOT, "%,." + digits + "f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  /** {@code 1 host}, {@code 2 hosts}. */
  static String count(double number, String noun) {
    return plain(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** {@code 30.9 GB}. */
  static String decimal(double value, String unit) {
    double scaled = value;
    int power = 0;
    while (scaled >= 999.5 && power < DECIMAL.size() - 1) {
      scaled /= 1000;
      power++;
    }
    String figure =
        power == 0
            ? plain(scaled)
            : String.format(Locale.ROOT, scaled < 9.95 ? "%.1f" : "%.0f", scaled);
    return figure + " " + DECIMAL.get(power) + unit;
  }

  /** {@code 1.5 GiB}, of so many MiB. */
  static String mebibytes(double mebibytes) {
    return mebibytes < 1024
        ? plain(Math.ceil(mebibytes)) + " MiB"
        : plain(round(mebibytes / 1024, 10)) + " GiB";
  }
}
