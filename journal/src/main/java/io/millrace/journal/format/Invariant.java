/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Checks that hold in production. A failed one is a defect of ours, never a fault of the disk or of
 * the caller: it stops the lane that it happens in.
 */
public final class Invariant {
  private Invariant() {}

  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what + " [JOURNAL_INVARIANT]");
    }
  }

  /** Checks {@code actual == expected} and names both if it does not hold. */
  public static void checkEqual(long actual, long expected, String name) {
    if (actual != expected) {
      throw new IllegalStateException(
          name + ": " + actual + " (expected: " + expected + ") [JOURNAL_INVARIANT]");
    }
  }
}
