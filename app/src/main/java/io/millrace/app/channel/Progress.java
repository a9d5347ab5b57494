/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.Terminal;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far a long reading is: redrawn in place on a terminal, else a line now and then. Confined to
 * one thread.
 */
final class Progress implements AutoCloseable {
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final int BAR_COLUMNS = 24;
  private static final int NARROW_COLUMNS = 80;

  private final PrintWriter out;
  private final int columns;
  private final String what;
  private final long totalBytes;
  private final LongSupplier nanoClock;
  private final long startNanos;
  private long doneBytes;
  private long nextNanos;
  private boolean isDrawn;

  /**
   * @param columns width of the terminal, 0 if there is none
   */
  Progress(PrintWriter out, int columns, String what, long totalBytes, LongSupplier nanoClock) {
    this.out = out;
    this.columns = columns;
    this.what = what;
    this.totalBytes = Math.max(1, totalBytes);
    this.nanoClock = nanoClock;
    startNanos = nanoClock.getAsLong();
    nextNanos = startNanos + intervalNanos();
  }

  static Progress of(PrintWriter out, String what, long totalBytes) {
    return new Progress(out, Terminal.columns(), what, totalBytes, System::nanoTime);
  }

  /** Shows nothing: what is printed tells enough. */
  static Progress silent() {
    return new Progress(new PrintWriter(Writer.nullWriter()), 0, "", 0, System::nanoTime);
  }

  private long intervalNanos() {
    return columns > 0 ? REDRAW_NANOS : LINE_NANOS;
  }

  void passed(long bytes) {
    doneBytes += bytes;
    long now = nanoClock.getAsLong();
    if (now - nextNanos >= 0) {
      nextNanos = now + intervalNanos();
      show(now - startNanos);
    }
  }

  private void show(long nanos) {
    double seconds = nanos / 1e9;
    double share = Math.min(1, (double) doneBytes / totalBytes);
    long leftSeconds = Math.round(seconds / Math.max(share, 1e-9) - seconds);
    String figures =
        String.format(
            Locale.ROOT,
            "%3.0f %%  %s of %s  %.0f MiB/s  %s left",
            share * 100,
            Amounts.bytes(doneBytes),
            Amounts.bytes(totalBytes),
            doneBytes / seconds / (1 << 20),
            left(leftSeconds));
    if (columns == 0) {
      out.println(what + ": " + figures.strip());
    } else {
      String line = what + "  " + (columns >= NARROW_COLUMNS ? bar(share) + " " : "") + figures;
      out.print("\r" + line.substring(0, Math.min(line.length(), columns - 1)) + "\u001b[K");
      isDrawn = true;
    }
    out.flush();
  }

  private static String left(long seconds) {
    return seconds < 100 ? seconds + " s" : (seconds + 59) / 60 + " min";
  }

  private static String bar(double share) {
    int full = (int) (share * BAR_COLUMNS);
    return "[" + "#".repeat(full) + ".".repeat(BAR_COLUMNS - full) + "]";
  }

  /** Takes what was drawn off the terminal. */
  @Override
  public void close() {
    if (isDrawn) {
      out.print("\r\u001b[K");
      out.flush();
    }
  }
}
