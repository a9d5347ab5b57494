/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventView;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * From when until when, in milliseconds since 1970. Immutable.
 *
 * @param fromMillis first millisecond of it
 * @param untilMillis first millisecond behind it
 */
record ReplayWindow(long fromMillis, long untilMillis) {
  static final ReplayWindow ALL = new ReplayWindow(Long.MIN_VALUE, Long.MAX_VALUE);

  /** What stamps an event with its time. */
  private static final String TIMESTAMP = "timestamp";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  boolean isAll() {
    return equals(ALL);
  }

  boolean contains(long millis) {
    return millis >= fromMillis && millis < untilMillis;
  }

  /** The time in the event's header {@code timestamp}, else {@code storedMillis}. */
  static long millisOf(EventView event, long storedMillis) {
    String stamp = event.header(TIMESTAMP);
    if (stamp == null || stamp.isEmpty() || stamp.length() > 18) {
      return storedMillis;
    }
    try {
      return Long.parseLong(stamp);
    } catch (NumberFormatException e) {
      return storedMillis;
    }
  }

  String text(ZoneId zone) {
    if (isAll()) {
      return "all times";
    }
    return (fromMillis == Long.MIN_VALUE ? "the beginning" : time(fromMillis, zone))
        + " until "
        + (untilMillis == Long.MAX_VALUE ? "the end" : time(untilMillis, zone))
        + " ("
        + zone
        + ")";
  }

  static String time(long millis, ZoneId zone) {
    return TIME.format(Instant.ofEpochMilli(millis).atZone(zone));
  }
}
