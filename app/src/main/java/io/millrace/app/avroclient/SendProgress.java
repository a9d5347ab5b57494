/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far the sending is, by what has been acknowledged: redrawn in place on a terminal, else a
 * line now and then. Confined to one thread.
 */
public final class SendProgress {
  /** For standard input, whose length nobody knows. */
  static final long UNKNOWN = -1;

  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();

  private final PrintWriter err;
  private final int columns;
  private final long totalBytes;
  private final LongSupplier nanoClock;
  private final long startNanos;
  private final String what;

  /** Done before by an earlier run: part of the share, not of the rate. */
  private final long earlierBytes;

  private long events;
  private long bytes;
  private long nextNanos;
  private boolean isDrawn;

  /**
   * @param columns width of the terminal, 0 if there is none
   * @param totalBytes of all input, or {@link #UNKNOWN}
   */
  SendProgress(PrintWriter err, int columns, long totalBytes, LongSupplier nanoClock) {
    this("Sending", err, columns, totalBytes, 0, nanoClock);
  }

  /**
   * @param what is done, for the beginning of the line
   * @param earlierBytes of the total that an earlier run has done
   */
  public SendProgress(
      String what,
      PrintWriter err,
      int columns,
      long totalBytes,
      long earlierBytes,
      LongSupplier nanoClock) {
    this.what = what;
    this.earlierBytes = earlierBytes;
    this.err = err;
    this.columns = columns;
    this.totalBytes = totalBytes;
    this.nanoClock = nanoClock;
    startNanos = nanoClock.getAsLong();
    nextNanos = startNanos + (columns > 0 ? REDRAW_NANOS : LINE_NANOS);
  }

  public void passed(long moreEvents, long moreBytes) {
    events += moreEvents;
    bytes += moreBytes;
    long now = nanoClock.getAsLong();
    if (now - nextNanos >= 0) {
      nextNanos = now + (columns > 0 ? REDRAW_NANOS : LINE_NANOS);
      show((now - startNanos) / 1e9);
    }
  }

  private void show(double seconds) {
    String line =
        what
            + ": "
            + share(seconds)
            + String.format(
                Locale.ROOT, "%,d events at %,.0f/s, ", events, events / Math.max(seconds, 1e-3))
            + amount(seconds);
    if (columns == 0) {
      err.println(line);
    } else {
      err.print("\r" + line.substring(0, Math.min(line.length(), columns - 1)) + "\u001b[K");
      isDrawn = true;
    }
    err.flush();
  }

  /** How much is done and how long the rest takes; first, for a narrow terminal cuts the end. */
  private String share(double seconds) {
    double done = Math.min(1, (double) (earlierBytes + bytes) / totalBytes);
    if (totalBytes <= 0 || bytes <= 0) {
      return "";
    }
    long secondsLeft = Math.round(seconds * totalBytes / bytes * (1 - done));
    return String.format(Locale.ROOT, "%.0f %%, %s left, ", done * 100, span(secondsLeft));
  }

  /** What was sent in all, in words. */
  public String summary() {
    double seconds = Math.max(1e-3, (nanoClock.getAsLong() - startNanos) / 1e9);
    return String.format(Locale.ROOT, "%,d event%s, ", events, events == 1 ? "" : "s")
        + amount(seconds)
        + String.format(Locale.ROOT, ", in %.1f s", seconds);
  }

  private String amount(double seconds) {
    return String.format(
        Locale.ROOT, "%.1f MB at %.1f MB/s", bytes / 1e6, bytes / 1e6 / Math.max(seconds, 1e-3));
  }

  private static String span(long seconds) {
    return seconds < 100 ? seconds + " s" : (seconds + 59) / 60 + " min";
  }

  /** Takes what was drawn off the terminal. */
  public void clear() {
    if (isDrawn) {
      err.print("\r\u001b[K");
      err.flush();
      isDrawn = false;
    }
  }
}
