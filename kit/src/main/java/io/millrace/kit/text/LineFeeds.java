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

  private LineFeeds() {}

  /** Offset of the first line feed in {@code [from, limit)}, or -1. */
  public static int indexOf(byte[] array, int from, int limit) {
    Objects.checkFromToIndex(from, limit, array.length);
    int at = from;
    for (; at + Long.BYTES <= limit; at += Long.BYTES) {
      long different = (long) LONGS.get(array, at) ^ EVERY_LF;
      // The lowest marked byte is the first zero byte; marks above it may be false, so only the
      // lowest counts.
      long zeros = (different - EVERY_01) & ~different & EVERY_80;
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
