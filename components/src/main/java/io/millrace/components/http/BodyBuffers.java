/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import java.util.ArrayDeque;

/**
 * Arrays for bodies, used again: those of usual requests are too long to be made anew each time.
 * Keeps {@link #MAX_KEPT} of them, none longer than {@link #MAX_KEPT_BYTES}. Guarded by {@code
 * this}.
 */
final class BodyBuffers {
  static final int MAX_KEPT = 8;
  static final int MAX_KEPT_BYTES = 1 << 20;

  private final ArrayDeque<byte[]> kept = new ArrayDeque<>();

  /** An array of at least that length; what it holds is of no meaning. */
  byte[] take(int minBytes) {
    if (minBytes <= MAX_KEPT_BYTES) {
      synchronized (this) {
        byte[] last = kept.peekLast();
        if (last != null && last.length >= minBytes) {
          return kept.pollLast();
        }
      }
    }
    return new byte[minBytes];
  }

  /** The caller has no further use for it. */
  synchronized void giveBack(byte[] array) {
    if (array.length == 0 || array.length > MAX_KEPT_BYTES) {
      return;
    }
    if (kept.size() >= MAX_KEPT) {
      // The short ones give way, so that in time all are of the length that is needed.
      byte[] first = kept.peekFirst();
      if (first.length >= array.length) {
        return;
      }
      kept.pollFirst();
    }
    kept.addLast(array);
  }
}
