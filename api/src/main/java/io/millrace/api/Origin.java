/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.UUID;

/**
 * Identity of a delivered range of events, the same each time these events are delivered: journal,
 * lane and sequence numbers {@code [first, first + count)}. {@link #NONE} when the channel keeps
 * none. Immutable.
 *
 * @since 0.1
 */
public record Origin(UUID journal, int lane, long first, int count) {
  public static final Origin NONE = new Origin(new UUID(0, 0), 0, 0, 0);

  public boolean isKnown() {
    return count > 0;
  }
}
