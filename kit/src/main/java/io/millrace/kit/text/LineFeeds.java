/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Finds line feeds eight bytes at a time. Every encoding in which ASCII bytes stand only for ASCII
 * characters (UTF-8, ISO-8859) may be searched so. Stateless.
 */
public final class LineFeeds {
  /** The line feed byte. */
  public static final byte LF = '\n';

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long EVERY_LF = 0x0A0A0A0A0A0A0A0AL;
  private static final long EVERY_01 = 0x0101010101010101L;
  private static final long EVERY_80 = 0x8080808080808080L;

  private static final int FOUR_BYTES = 4 * Long.BYTES;

  private LineFeeds() {}

  /**
   * Marks line feeds in eight bytes. The lowest marked byte is the first one; marks above it may be
   * false, so only the lowest counts.
   */
  private static long marks(byte[] array, int at) {
    long different = (long) LONGS.get(array, at) ^ EVERY_LF;
    return (different - EVERY_01) & ~different & EVERY_80;
  }

  /** Offset of the first line feed in {@code [from, limit)}, or -1. */
  public static int indexOf(byte[] array, int from, int limit) {
    Objects.checkFromToIndex(from, limit, array.length);
    int at = from;
    // Four at a time while there is none: lines are mostly longer than that.
    while (at + FOUR_BYTES <= limit
        && (marks(array, at)
                | marks(array, at + Long.BYTES)
                | marks(array, at + 2 * Long.BYTES)
                | marks(array, at + 3 * Long.BYTES))
            == 0) {
      at += FOUR_BYTES;
    }
    for (; at + Long.BYTES <= limit; at += Long.BYTES) {
      long zeros = marks(array, at);
      if (zeros != 0) {
        return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; at < limit; at++) {
      if (array[at] == LF) {
        return at;
      }
    }
    return -1;
  }
}
