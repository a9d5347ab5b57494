/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import io.millrace.api.EventView;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Expands a template for one event after the other. What the time gives is made once a second, and
 * the same text is the same object as long as neither time nor headers change: an event costs no
 * more than reading its headers. Confined to one thread.
 */
public final class PathExpander {
  /** The first millisecond of the year 10000: whatever is above is no time. */
  private static final long MAX_MILLIS = 253_402_300_800_000L;

  private static final String TIMESTAMP = "timestamp";
  private static final long NO_TIME = -1;

  private final List<Segment> segments;
  private final PathTemplate.TimeRules rules;
  private final NameHygiene hygiene;
  private final LongSupplier clockMillis;
  private final boolean usesTime;
  private final boolean usesMillis;

  /** Of the last expansion: text of each segment, as it came from the event. */
  private final String[] values;

  private long lastSecond = Long.MIN_VALUE;
  private long lastMillis = Long.MIN_VALUE;
  private String last;
  private long eventsWithoutTime;

  PathExpander(
      List<Segment> segments,
      PathTemplate.TimeRules rules,
      NameHygiene hygiene,
      LongSupplier clockMillis) {
    this.segments = segments;
    this.rules = rules;
    this.hygiene = hygiene;
    this.clockMillis = clockMillis;
    this.values = new String[segments.size()];
    boolean time = false;
    boolean millis = false;
    for (int i = 0; i < values.length; i++) {
      Segment segment = segments.get(i);
      if (segment instanceof Segment.Literal literal) {
        values[i] = literal.text();
      } else if (segment instanceof Segment.Timestamp) {
        time = true;
        millis = true;
      } else if (!(segment instanceof Segment.Header)) {
        time = true;
      }
    }
    usesTime = time;
    usesMillis = millis;
  }

  /** The template's text for an event. */
  public String expand(EventView event) {
    boolean isSame = last != null;
    if (usesTime) {
      isSame &= !moveTo(millisOf(event));
    }
    for (int i = 0; i < values.length; i++) {
      if (segments.get(i) instanceof Segment.Header header) {
        String found = event.header(header.name());
        String value = found == null ? "" : found;
        if (!value.equals(values[i])) {
          values[i] = value;
          isSame = false;
        }
      }
    }
    if (!isSame) {
      last = join();
    }
    return last;
  }

  /**
   * Events whose time was wanted and not there, or no number of milliseconds: the clock's was taken
   * instead.
   */
  public long eventsWithoutTime() {
    return eventsWithoutTime;
  }

  private long millisOf(EventView event) {
    if (rules.isLocalTime()) {
      return clockMillis.getAsLong();
    }
    long millis = parse(event.header(TIMESTAMP));
    if (millis == NO_TIME) {
      eventsWithoutTime++;
      return clockMillis.getAsLong();
    }
    return millis;
  }

  private static long parse(String text) {
    if (text == null || text.isEmpty() || text.length() > 15) {
      return NO_TIME;
    }
    long millis = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_TIME;
      }
      millis = millis * 10 + digit;
    }
    return millis < MAX_MILLIS ? millis : NO_TIME;
  }

  /** Whether that changed what the time gives. */
  private boolean moveTo(long millis) {
    long second = Math.floorDiv(millis, 1000);
    boolean isChanged = usesMillis && millis != lastMillis;
    lastMillis = millis;
    if (second != lastSecond) {
      lastSecond = second;
      isChanged |= expandTime(second);
    }
    if (isChanged && usesMillis) {
      for (int i = 0; i < values.length; i++) {
        if (segments.get(i) instanceof Segment.Timestamp) {
          values[i] = Long.toString(millis);
        }
      }
    }
    return isChanged;
  }

  private boolean expandTime(long second) {
    ZonedDateTime time = rules.rounding().floor(Instant.ofEpochSecond(second).atZone(rules.zone()));
    boolean isChanged = false;
    for (int i = 0; i < values.length; i++) {
      String value;
      if (segments.get(i) instanceof Segment.Time field) {
        value = field.of(time);
      } else if (segments.get(i) instanceof Segment.EpochSecond) {
        value = Long.toString(time.toEpochSecond());
      } else {
        continue;
      }
      if (!value.equals(values[i])) {
        values[i] = value;
        isChanged = true;
      }
    }
    return isChanged;
  }

  private String join() {
    StringBuilder text = new StringBuilder(64);
    for (int i = 0; i < values.length; i++) {
      if (segments.get(i) instanceof Segment.Header) {
        hygiene.append(values[i], text);
      } else {
        text.append(values[i]);
      }
    }
    return hygiene.whole(text.toString());
  }
}
