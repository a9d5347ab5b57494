/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.Locale;

/**
 * A number of bytes. Written as {@code 512}, {@code 64KiB}, {@code 10 MB} ({@code kB}, {@code MB},
 * {@code GB}, {@code TB}: powers of 1000; {@code KiB} and so on, or a single letter: powers of
 * 1024). Immutable.
 *
 * @since 0.1
 */
public record DataSize(long bytes) implements Comparable<DataSize> {
  public DataSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: 0 or more)");
    }
  }

  public static DataSize ofBytes(long bytes) {
    return new DataSize(bytes);
  }

  public static DataSize ofMebibytes(long mebibytes) {
    return new DataSize(Math.multiplyExact(mebibytes, 1L << 20));
  }

  /**
   * Reads a size as documented above.
   *
   * @throws IllegalArgumentException with the text and what was expected
   */
  public static DataSize parse(String text) {
    String trimmed = text.trim();
    int digits = 0;
    while (digits < trimmed.length() && Character.isDigit(trimmed.charAt(digits))) {
      digits++;
    }
    String unit = trimmed.substring(digits).trim().toLowerCase(Locale.ROOT);
    try {
      return new DataSize(
          Math.multiplyExact(Long.parseLong(trimmed.substring(0, digits)), factor(unit)));
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "size: '" + text + "' (expected: a number with B, kB, MB, GB, KiB, MiB or GiB)", e);
    }
  }

  private static long factor(String unit) {
    return switch (unit) {
      case "", "b" -> 1;
      case "kb" -> 1000;
      case "mb" -> 1000_000;
      case "gb" -> 1000_000_000;
      case "tb" -> 1000_000_000_000L;
      case "k", "kib" -> 1L << 10;
      case "m", "mib" -> 1L << 20;
      case "g", "gib" -> 1L << 30;
      case "t", "tib" -> 1L << 40;
      default -> throw new IllegalArgumentException(unit);
    };
  }

  @Override
  public int compareTo(DataSize other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    long value = bytes;
    while (unit < units.length - 1 && value >= 1024 && value % 1024 == 0) {
      value /= 1024;
      unit++;
    }
    return value + " " + units[unit];
  }
}
