/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.regex;

/** A match that would have cost more than it may; the text is neither matched nor unmatched. */
public final class RunawayPatternException extends Exception {
  private static final long serialVersionUID = 1L;

  RunawayPatternException(String message) {
    // Thrown on the way of the events: where from is always the same.
    super(message, null, false, false);
  }
}
