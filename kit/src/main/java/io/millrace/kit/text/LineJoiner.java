/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.Objects;

/**
 * Joins the lines of one stream into events, with line feeds between them. An event is handed on
 * when a line shows that it is complete, when it reaches a bound, or when it is {@link #flush
 * flushed}: after {@link MultilineOptions#timeout} without a line, and at the end.
 *
 * <p>Memory: one event, at most {@link MultilineOptions#maxSize} and the last line. Confined to one
 * thread.
 */
public final class LineJoiner {
  private static final int FIRST_BYTES = 1024;

  /** What is kept for the next event: there may be a joiner for each of thousands of clients. */
  private static final int MAX_IDLE_BYTES = 64 * 1024;

  private final MultilineRule rule;
  private final Charset charset;
  private final byte[] lineFeed;
  private final int maxLines;
  private final long maxBytes;
  private final long timeoutNanos;
  private final Events events;
  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private int lines;
  private long endPosition;
  private long lastLineNanos;

  /** What is told of events. */
  @FunctionalInterface
  public interface Events {
    /**
     * An event; its bytes are valid until the method returns.
     *
     * @param endPosition what came with its last line
     */
    void event(byte[] array, int offset, int length, long endPosition);
  }

  /**
   * @param options with a pattern
   * @param charset of the lines
   */
  public LineJoiner(MultilineOptions options, Charset charset, Events events) {
    this.rule = options.rule();
    this.charset = Objects.requireNonNull(charset);
    this.lineFeed = "\n".getBytes(charset);
    this.maxLines = options.maxLines();
    this.maxBytes = options.maxSize().bytes();
    this.timeoutNanos = options.timeout().toNanos();
    this.events = Objects.requireNonNull(events);
  }

  /**
   * Takes the next line, without its end.
   *
   * @param position what is behind the line, in whatever the caller counts
   */
  public void line(byte[] array, int offset, int lineBytes, long position, long nowNanos) {
    boolean belongs = rule.belongs(array, offset, lineBytes, charset);
    if (lines > 0 && ((rule.looksBack() && !belongs) || !hasRoom(lineBytes))) {
      flush();
    }
    append(array, offset, lineBytes);
    endPosition = position;
    lastLineNanos = nowNanos;
    if (!rule.looksBack() && !belongs) {
      flush();
    }
  }

  private boolean hasRoom(int lineBytes) {
    return lines < maxLines && (long) length + lineFeed.length + lineBytes <= maxBytes;
  }

  private void append(byte[] array, int offset, int lineBytes) {
    int separator = lines > 0 ? lineFeed.length : 0;
    int needed = Math.addExact(length, separator + lineBytes);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, (int) Math.min(bytes.length * 2L, 1 << 30)));
    }
    System.arraycopy(lineFeed, 0, bytes, length, separator);
    System.arraycopy(array, offset, bytes, length + separator, lineBytes);
    length = needed;
    lines++;
  }

  /** Hands on what waits for more lines, if anything. */
  public void flush() {
    if (lines == 0) {
      return;
    }
    int eventBytes = length;
    lines = 0;
    length = 0;
    events.event(bytes, 0, eventBytes, endPosition);
    if (bytes.length > MAX_IDLE_BYTES) {
      bytes = new byte[FIRST_BYTES];
    }
  }

  /** Hands on what has waited for its time. */
  public void flushIfDue(long nowNanos) {
    if (nanosUntilDue(nowNanos) <= 0) {
      flush();
    }
  }

  /** Time until what waits is due; {@link Long#MAX_VALUE} when nothing waits. */
  public long nanosUntilDue(long nowNanos) {
    return lines == 0 ? Long.MAX_VALUE : timeoutNanos - (nowNanos - lastLineNanos);
  }

  /** Memory that is held now. */
  public int heldBytes() {
    return bytes.length;
  }

  /** Whether lines wait for more. */
  public boolean isWaiting() {
    return lines > 0;
  }
}
