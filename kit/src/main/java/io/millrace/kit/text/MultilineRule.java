/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.nio.charset.Charset;

/**
 * Says of a line whether it belongs to the one before it or to the one after it. A pattern that
 * would run away on a line counts as not found in it. Immutable.
 */
public final class MultilineRule {
  /** Characters of a line that the pattern sees: what tells lines apart stands at the front. */
  public static final int MAX_SEEN_BYTES = 4096;

  private final BoundedPattern pattern;
  private final boolean isNegated;
  private final MultilineOptions.Side side;

  MultilineRule(BoundedPattern pattern, boolean isNegated, MultilineOptions.Side side) {
    this.pattern = pattern;
    this.isNegated = isNegated;
    this.side = side;
  }

  /** Whether lines belong to the one before them; else to the one after them. */
  public boolean looksBack() {
    return side == MultilineOptions.Side.AFTER;
  }

  /** Whether the line belongs to the one before it, or after it: see {@link #looksBack}. */
  public boolean belongs(byte[] array, int offset, int length, Charset charset) {
    return belongs(new String(array, offset, Math.min(length, MAX_SEEN_BYTES), charset));
  }

  /** As {@link #belongs(byte[], int, int, Charset)}. */
  public boolean belongs(String line) {
    boolean isFound;
    try {
      isFound = pattern.isFoundIn(line);
    } catch (RunawayPatternException e) {
      isFound = false;
    }
    return isFound != isNegated;
  }
}
