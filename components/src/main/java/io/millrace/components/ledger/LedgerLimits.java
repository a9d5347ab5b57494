/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

/**
 * What a ledger may hold. What is beyond is forgotten, which can cost a duplicate and never an
 * event. Immutable.
 *
 * @param senders lanes of journals; the least recently used are forgotten first
 * @param ranges separate ranges of one sender; the lowest are forgotten first
 * @param rangesInAll separate ranges of all senders; whole senders are forgotten first
 * @param digestBytes of a digest; the least recently used senders are left out
 */
public record LedgerLimits(int senders, int ranges, int rangesInAll, int digestBytes) {
  /** About 60 MB of heap at the most; a few kB when there are a few senders. */
  public static LedgerLimits storedWithin(int digestBytes) {
    return new LedgerLimits(65_536, 4_096, 131_072, digestBytes);
  }

  /** For a ledger that is not stored. */
  public static LedgerLimits inMemory() {
    return storedWithin(Integer.MAX_VALUE);
  }

  public LedgerLimits {
    if (senders < 1 || ranges < 1 || rangesInAll < ranges || digestBytes < 1) {
      throw new IllegalArgumentException(
          "senders "
              + senders
              + ", ranges "
              + ranges
              + ", rangesInAll "
              + rangesInAll
              + ", digestBytes "
              + digestBytes
              + " (expected: 1 or more each, rangesInAll not below ranges)");
    }
  }

  /** How many are forgotten at once when there are more than {@code most}: room for a while. */
  static int step(int most) {
    return Math.max(1, most / 8);
  }
}
