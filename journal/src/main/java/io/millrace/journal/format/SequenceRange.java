/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/** The sequences {@code [first, end)} of a lane; never empty. Immutable. */
public record SequenceRange(long first, long end) {
  public SequenceRange {
    if (first < 0 || end <= first) {
      throw new IllegalArgumentException(
          "range: [" + first + ", " + end + ") (expected: 0 <= first < end)");
    }
  }

  public long count() {
    return end - first;
  }
}
