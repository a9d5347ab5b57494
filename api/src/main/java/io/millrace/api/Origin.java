/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.Objects;
import java.util.UUID;

/**
 * Identity of a run of events, the same each time these events are delivered: journal, lane and
 * sequence numbers {@code [first, first + count)}. {@link #NONE} when the channel keeps none.
 * Immutable.
 *
 * @param session one opening of the journal; a journal that has two at a time was copied
 * @param floor all below it was acknowledged for good and is never sent again; at most {@code
 *     first}
 * @param isFresh whether no event of the run was ever handed to a sink before. A delivery that is
 *     tried a second time is not fresh any more: see {@link #again}
 * @param peer who sent the events, for messages; empty where they come from this process
 * @since 0.1
 */
public record Origin(
    UUID journal,
    int lane,
    long first,
    int count,
    long session,
    long floor,
    boolean isFresh,
    String peer) {
  public static final Origin NONE = new Origin(new UUID(0, 0), 0, 0, 0);

  public Origin {
    Objects.requireNonNull(journal, "journal");
    Objects.requireNonNull(peer, "peer");
    if (lane < 0 || first < 0 || count < 0 || first > Long.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "lane " + lane + ", first " + first + ", count " + count + " (expected: 0 or more each)");
    }
    if (floor < 0 || floor > first) {
      throw new IllegalArgumentException("floor: " + floor + " (expected: 0 to " + first + ")");
    }
  }

  /** An origin of which no more is known than where it is. */
  public Origin(UUID journal, int lane, long first, int count) {
    this(journal, lane, first, count, 0, 0, false, "");
  }

  public boolean isKnown() {
    return count > 0;
  }

  /** Sequence behind the last event. */
  public long end() {
    return first + count;
  }

  /** The part {@code [partFirst, partEnd)} of these sequences. */
  public Origin part(long partFirst, long partEnd) {
    if (partFirst < first || partEnd > end() || partEnd <= partFirst) {
      throw new IllegalArgumentException(
          "part: ["
              + partFirst
              + ", "
              + partEnd
              + ") (expected: within ["
              + first
              + ", "
              + end()
              + "))");
    }
    return new Origin(
        journal, lane, partFirst, (int) (partEnd - partFirst), session, floor, isFresh, peer);
  }

  /** The same events on a further try. */
  public Origin again() {
    return isFresh ? new Origin(journal, lane, first, count, session, floor, false, peer) : this;
  }
}
