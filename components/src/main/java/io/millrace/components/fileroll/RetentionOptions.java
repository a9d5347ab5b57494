/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.BareUnit;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import java.time.Duration;

/** How much of what the sink wrote stays. Zero is no limit. Immutable. */
public record RetentionOptions(
    @Option(
            name = "millrace.roll-size",
            doc =
                "Size at which a file is closed, whatever its age; 0 for none. With"
                    + " millrace.max-total-size an eighth of that at most.",
            def = "0",
            bareUnit = BareUnit.BYTES)
        DataSize rollSize,
    @Option(
            name = "millrace.max-total-size",
            doc =
                "Most bytes in the files of this sink; the oldest finished ones are removed beyond"
                    + " it. 0 for no limit. Only files that the sink wrote since one of these limits"
                    + " is set are ever removed; it lists them in a hidden file of the directory.",
            def = "0",
            bareUnit = BareUnit.BYTES)
        DataSize maxTotalSize,
    @Option(
            name = "millrace.max-age",
            doc =
                "Age at which a finished file of this sink is removed, from its last event on; 0 for"
                    + " none.",
            def = "0",
            bareUnit = BareUnit.SECONDS,
            min = 0)
        Duration maxAge,
    @Option(
            name = "millrace.min-free-space",
            doc =
                "Space of the disk that is left to others: the oldest finished files of this sink are"
                    + " removed for it, and when there are none nothing is written until there is"
                    + " space. 0 for no limit.",
            def = "0",
            bareUnit = BareUnit.BYTES)
        DataSize minFreeSpace) {
  /** Everything stays. */
  static final RetentionOptions NONE =
      new RetentionOptions(
          DataSize.ofBytes(0), DataSize.ofBytes(0), Duration.ZERO, DataSize.ofBytes(0));

  /** The current file is never removed: it must stay small against the whole. */
  private static final int TOTAL_PARTS = 8;

  boolean isAnySet() {
    return maxTotalSize.bytes() > 0 || !maxAge.isZero() || minFreeSpace.bytes() > 0;
  }

  /** Size at which a file is closed; the largest number when it never is for its size. */
  long rollBytes() {
    long asked = rollSize.bytes() == 0 ? Long.MAX_VALUE : rollSize.bytes();
    long most =
        maxTotalSize.bytes() == 0
            ? Long.MAX_VALUE
            : Math.max(1, maxTotalSize.bytes() / TOTAL_PARTS);
    return Math.min(asked, most);
  }
}
