/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import io.millrace.api.EventBatch;
import java.util.Arrays;
import java.util.Objects;

/**
 * Cuts bytes that arrive in pieces into lines that end with a line feed. The line feed is left out,
 * a carriage return before it is not. Keeps at most {@code maxLineBytes} of an unfinished line;
 * whole lines inside one piece are lent without a copy. Confined to one thread.
 */
public final class LineFramer {
  private static final int FIRST_CARRY_BYTES = 256;

  private final int maxLineBytes;
  private final Lines lines;
  private byte[] carry = new byte[0];
  private int carryBytes;
  private boolean dropping;
  private long droppedBytes;

  /** What is told of lines. Lent bytes are valid until the method returns. */
  public interface Lines {
    /** A whole line of at most the limit. */
    void line(byte[] array, int offset, int length);

    /**
     * A line that exceeds the limit: its first bytes, up to the limit. Called once, as soon as that
     * is known; what follows of the line is dropped and counted.
     */
    void overlong(byte[] array, int offset, int length);
  }

  public LineFramer(int maxLineBytes, Lines lines) {
    if (maxLineBytes < 1) {
      throw new IllegalArgumentException(
          "maxLineBytes: " + maxLineBytes + " (expected: 1 or more)");
    }
    this.maxLineBytes = maxLineBytes;
    this.lines = Objects.requireNonNull(lines);
  }

  /** Takes the next piece. */
  public void feed(byte[] array, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, array.length);
    int limit = offset + length;
    int at = offset;
    while (at < limit) {
      int end = LineFeeds.indexOf(array, at, limit);
      int pieceEnd = end < 0 ? limit : end;
      piece(array, at, pieceEnd - at, end >= 0);
      at = end < 0 ? limit : end + 1;
    }
  }

  /** Hands on what is left without a line feed, if anything: the stream ends here. */
  public void finish() {
    if (carryBytes > 0 && !dropping) {
      lines.line(carry, 0, carryBytes);
    }
    carryBytes = 0;
    dropping = false;
  }

  /** Whether part of a line waits for its end. */
  public boolean hasUnfinishedLine() {
    return carryBytes > 0 || dropping;
  }

  /** Bytes kept of a line that waits for its end. */
  public int unfinishedBytes() {
    return carryBytes;
  }

  /** Lends the bytes kept of a line that waits for its end, valid until {@code reader} returns. */
  public <T> T lendUnfinished(EventBatch.BytesReader<T> reader) {
    return reader.read(carry, 0, carryBytes);
  }

  /** Bytes of overlong lines that nobody was given. */
  public long droppedBytes() {
    return droppedBytes;
  }

  private void piece(byte[] array, int offset, int length, boolean isEnd) {
    if (dropping) {
      droppedBytes += length;
      dropping = !isEnd;
    } else if (carryBytes + (long) length > maxLineBytes) {
      tooLong(array, offset, length);
      dropping = !isEnd;
    } else if (!isEnd) {
      append(array, offset, length);
    } else if (carryBytes == 0) {
      lines.line(array, offset, length);
    } else {
      append(array, offset, length);
      int lineBytes = carryBytes;
      carryBytes = 0;
      lines.line(carry, 0, lineBytes);
    }
  }

  private void tooLong(byte[] array, int offset, int length) {
    int taken = maxLineBytes - carryBytes;
    droppedBytes += length - taken;
    if (carryBytes == 0) {
      lines.overlong(array, offset, taken);
    } else {
      append(array, offset, taken);
      carryBytes = 0;
      lines.overlong(carry, 0, maxLineBytes);
    }
  }

  private void append(byte[] array, int offset, int length) {
    int needed = carryBytes + length;
    if (needed > carry.length) {
      long doubled = Math.max(FIRST_CARRY_BYTES, carry.length * 2L);
      carry = Arrays.copyOf(carry, (int) Math.max(needed, Math.min(doubled, maxLineBytes)));
    }
    System.arraycopy(array, offset, carry, carryBytes, length);
    carryBytes = needed;
  }
}
