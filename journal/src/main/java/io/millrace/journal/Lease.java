/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import java.util.List;

/**
 * Contiguous records of one lane, handed out until they are acknowledged or released. Guarded by
 * its own monitor.
 *
 * @since 0.1
 */
public final class Lease {
  private final LeaseOwner owner;
  private final int laneIndex;
  private final long firstSequence;
  private final int recordCount;
  private final List<Chunk> chunks;
  private final long floor;
  private final boolean isFresh;

  /** Indices, not sequences. */
  private final SequenceSet acknowledged = SequenceSet.below(0);

  private boolean isReleased;

  Lease(
      LeaseOwner owner,
      int laneIndex,
      long firstSequence,
      int recordCount,
      List<Chunk> chunks,
      long floor,
      boolean isFresh) {
    this.owner = owner;
    this.laneIndex = laneIndex;
    this.firstSequence = firstSequence;
    this.recordCount = recordCount;
    this.chunks = List.copyOf(chunks);
    this.floor = floor;
    this.isFresh = isFresh;
  }

  /** Where a lease reports to. */
  interface LeaseOwner {
    void acknowledge(long firstSequence, long endSequence);

    void giveBack(List<SequenceRange> ranges);
  }

  public int laneIndex() {
    return laneIndex;
  }

  public long firstSequence() {
    return firstSequence;
  }

  public int recordCount() {
    return recordCount;
  }

  /**
   * Every sequence of the lane below it was acknowledged, and that is synced: no record below is
   * ever handed out again, not even after a power loss.
   */
  public long floor() {
    return floor;
  }

  /**
   * Whether none of its records was ever handed out before, by this opening of the journal or one
   * before. False proves nothing: records that were stored before it was opened are never fresh.
   */
  public boolean isFresh() {
    return isFresh;
  }

  /** In order of sequence; together they hold exactly the records of the lease. */
  public List<Chunk> chunks() {
    return chunks;
  }

  /** Acknowledges all that is not yet acknowledged. */
  public void acknowledge() {
    acknowledge(0, recordCount);
  }

  /**
   * Acknowledges the records {@code [fromIndex, toIndex)}; those that already are stay so.
   *
   * @throws JournalClosedException if the journal was closed before: the records are handed out
   *     again after the next start
   * @throws IllegalStateException if the lease was released
   */
  public synchronized void acknowledge(int fromIndex, int toIndex) {
    if (fromIndex < 0 || toIndex < fromIndex || toIndex > recordCount) {
      throw new IllegalArgumentException(
          "indices: ["
              + fromIndex
              + ", "
              + toIndex
              + ") (expected: within [0, "
              + recordCount
              + "))");
    }
    if (isReleased) {
      throw new IllegalStateException("lease of sequence " + firstSequence + " was released");
    }
    for (SequenceRange part : acknowledged.missing(fromIndex, toIndex)) {
      owner.acknowledge(firstSequence + part.first(), firstSequence + part.end());
      acknowledged.add(part.first(), part.end());
    }
  }

  /** What is not acknowledged is handed out again, in order, before newer records. Idempotent. */
  public synchronized void release() {
    if (isReleased) {
      return;
    }
    isReleased = true;
    List<SequenceRange> rest =
        acknowledged.missing(0, recordCount).stream()
            .map(
                part -> new SequenceRange(firstSequence + part.first(), firstSequence + part.end()))
            .toList();
    if (!rest.isEmpty()) {
      owner.giveBack(rest);
    }
  }
}
