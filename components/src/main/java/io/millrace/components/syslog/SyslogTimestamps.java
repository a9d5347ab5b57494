/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Reads the times of RFC 3164 ({@code Nov 23 05:09:19}, without a year) and of RFC 5424 ({@code
 * 2026-11-23T05:09:19.003Z}). After a read, {@link #end} is the offset behind it and {@link
 * #millis} the time. Allocates nothing while the minute stays the same. Confined to one thread.
 *
 * <p>A year is the one that puts the time not more than a month ahead and not more than eleven
 * months back, so that messages of December are last year's in January, and a sender whose clock is
 * a little ahead is in next year on New Year's Eve.
 */
final class SyslogTimestamps {
  private static final byte[] MONTHS =
      "JanFebMarAprMayJunJulAugSepOctNovDec".getBytes(StandardCharsets.US_ASCII);
  private static final long MINUTE_MILLIS = 60_000;

  /** {@code Nov 23 05:09:19}: a day of one digit behind one blank is one shorter, and rare. */
  private static final int KNOWN_TEXT_BYTES = 15;

  /** How long a guessed year is believed. */
  private static final long GUESS_MILLIS = 60_000;

  private final ZoneId zone;
  private final LongSupplier currentMillis;
  private int end;
  private long millis;

  /** The minute whose beginning is known, and when that was worked out. */
  private int knownMinute = -1;

  private long knownMinuteMillis;
  private long knownAtMillis;

  /** The text that was read last, of {@link #KNOWN_TEXT_BYTES}, and what it means. */
  private final byte[] knownText = new byte[KNOWN_TEXT_BYTES];

  private long knownTextMillis;
  private boolean isTextKnown;

  SyslogTimestamps(ZoneId zone, LongSupplier currentMillis) {
    this.zone = zone;
    this.currentMillis = currentMillis;
  }

  /** Offset behind what was read. */
  int end() {
    return end;
  }

  /** What was read, in milliseconds since 1970. */
  long millis() {
    return millis;
  }

  long nowMillis() {
    return currentMillis.getAsLong();
  }

  /** Reads {@code Mmm d hh:mm:ss}, with one or two blanks before a day of one digit. */
  boolean readWithoutYear(byte[] array, int from, int limit) {
    if (limit - from < 14 || array[from + 3] != ' ') {
      return false;
    }
    long now = currentMillis.getAsLong();
    boolean isGuessFresh = Math.abs(now - knownAtMillis) <= GUESS_MILLIS;
    // Messages that come together are mostly of the same second.
    if (isGuessFresh && isKnown(array, from, limit)) {
      millis = knownTextMillis;
      end = from + KNOWN_TEXT_BYTES;
      return true;
    }
    int month = month(array, from);
    int at = from + 4;
    if (array[at] == ' ') {
      at++;
    }
    int day = digit(array[at++]);
    if (array[at] != ' ') {
      day = day * 10 + digit(array[at++]);
      if (digit(array[at - 2]) < 0 || digit(array[at - 1]) < 0) {
        return false;
      }
    }
    if (month < 0 || day < 1 || day > 31 || limit - at < 9 || array[at] != ' ') {
      return false;
    }
    int hour = two(array, at + 1);
    int minute = two(array, at + 4);
    int second = two(array, at + 7);
    if (!isTime(hour, minute, second) || array[at + 3] != ':' || array[at + 6] != ':') {
      return false;
    }
    int key = ((month * 32 + day) * 32 + hour) * 64 + minute;
    if (key != knownMinute || !isGuessFresh) {
      if (!guess(month + 1, day, hour, minute, now)) {
        return false;
      }
      knownMinute = key;
      knownAtMillis = now;
      // It was worked out with the guess before.
      isTextKnown = false;
    }
    millis = knownMinuteMillis + second * 1000L;
    end = at + 9;
    if (end - from == KNOWN_TEXT_BYTES) {
      System.arraycopy(array, from, knownText, 0, KNOWN_TEXT_BYTES);
      knownTextMillis = millis;
      isTextKnown = true;
    }
    return true;
  }

  private boolean isKnown(byte[] array, int from, int limit) {
    return isTextKnown
        && limit - from >= KNOWN_TEXT_BYTES
        && Arrays.equals(array, from, from + KNOWN_TEXT_BYTES, knownText, 0, KNOWN_TEXT_BYTES);
  }

  private boolean guess(int month, int day, int hour, int minute, long now) {
    LocalDateTime today = LocalDateTime.ofInstant(Instant.ofEpochMilli(now), zone);
    int year = today.getYear();
    LocalDateTime thisYear = clipped(year, month, day, hour, minute);
    if (thisYear.isAfter(today.plusMonths(1))) {
      year--;
    } else if (thisYear.isBefore(today.minusMonths(11))) {
      year++;
    }
    if (day > daysOf(year, month)) {
      return false;
    }
    knownMinuteMillis =
        clipped(year, month, day, hour, minute).atZone(zone).toInstant().toEpochMilli();
    return true;
  }

  private static LocalDateTime clipped(int year, int month, int day, int hour, int minute) {
    return LocalDateTime.of(year, month, Math.min(day, daysOf(year, month)), hour, minute);
  }

  /** Reads {@code YYYY-MM-DDThh:mm:ss[.fraction][Z|+hh:mm|-hh:mm]}; without a zone it is ours. */
  boolean readWithYear(byte[] array, int from, int limit) {
    if (limit - from < 19
        || array[from + 4] != '-'
        || array[from + 7] != '-'
        || array[from + 10] != 'T'
        || array[from + 13] != ':'
        || array[from + 16] != ':') {
      return false;
    }
    int century = two(array, from);
    int years = two(array, from + 2);
    int month = two(array, from + 5);
    int day = two(array, from + 8);
    int hour = two(array, from + 11);
    int minute = two(array, from + 14);
    int second = two(array, from + 17);
    if (century < 0 || years < 0 || month < 1 || month > 12 || day < 1) {
      return false;
    }
    int year = century * 100 + years;
    if (day > daysOf(year, month) || !isTime(hour, minute, second)) {
      return false;
    }
    int at = from + 19;
    int fractionMillis = 0;
    if (at < limit && array[at] == '.') {
      int unit = 100;
      int digits = 0;
      for (at++; at < limit && digit(array[at]) >= 0; at++, digits++) {
        fractionMillis += digit(array[at]) * unit;
        unit /= 10;
      }
      if (digits == 0 || digits > 9) {
        return false;
      }
    }
    long local =
        (epochDay(year, month, day) * 1440 + hour * 60L + minute) * MINUTE_MILLIS
            + second * 1000L
            + fractionMillis;
    return zone(array, at, limit, local);
  }

  private boolean zone(byte[] array, int from, int limit, long local) {
    byte mark = from < limit ? array[from] : (byte) ' ';
    if (mark == 'Z') {
      millis = local;
      end = from + 1;
      return true;
    }
    if (mark == '+' || mark == '-') {
      if (limit - from < 6 || array[from + 3] != ':') {
        return false;
      }
      int hours = two(array, from + 1);
      int minutes = two(array, from + 4);
      if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return false;
      }
      long offset = (hours * 60L + minutes) * MINUTE_MILLIS;
      millis = mark == '+' ? local - offset : local + offset;
      end = from + 6;
      return true;
    }
    try {
      millis =
          LocalDateTime.ofEpochSecond(Math.floorDiv(local, 1000L), 0, ZoneOffset.UTC)
                  .atZone(zone)
                  .toInstant()
                  .toEpochMilli()
              + Math.floorMod(local, 1000L);
    } catch (DateTimeException e) {
      return false;
    }
    end = from;
    return true;
  }

  /** 60 is a leap second. */
  private static boolean isTime(int hour, int minute, int second) {
    return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
  }

  private static int daysOf(int year, int month) {
    return switch (month) {
      case 2 -> (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  /** Days since 1970 in the Gregorian calendar, whose years begin in March here. */
  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int era = Math.floorDiv(y, 400);
    int yearOfEra = y - era * 400;
    int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097L + dayOfEra - 719468;
  }

  private static int month(byte[] array, int from) {
    for (int month = 0; month < 12; month++) {
      if (array[from] == MONTHS[3 * month]
          && array[from + 1] == MONTHS[3 * month + 1]
          && array[from + 2] == MONTHS[3 * month + 2]) {
        return month;
      }
    }
    return -1;
  }

  private static int two(byte[] array, int at) {
    int tens = digit(array[at]);
    int ones = digit(array[at + 1]);
    return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
  }

  private static int digit(byte b) {
    return b >= '0' && b <= '9' ? b - '0' : -1;
  }
}
