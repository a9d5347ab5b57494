/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.format.SegmentUse;

/** One use of a segment file. Immutable but for its flags, which the lane's owner thread sets. */
public final class Segment {
  private final SegmentFile file;
  private final SegmentUse use;
  private final long firstSequence;
  private boolean isCondemned;

  /** Read by consumers, which leave a file open that is being written. */
  private volatile boolean isBeingWritten;

  public Segment(SegmentFile file, SegmentUse use, long firstSequence) {
    this.file = file;
    this.use = use;
    this.firstSequence = firstSequence;
  }

  public SegmentFile file() {
    return file;
  }

  public String name() {
    return file.name();
  }

  public SegmentUse use() {
    return use;
  }

  public long firstSequence() {
    return firstSequence;
  }

  public void beingWritten(boolean isWritten) {
    isBeingWritten = isWritten;
  }

  public boolean isBeingWritten() {
    return isBeingWritten;
  }

  /** A write or sync failed: the file is only read from now on, and deleted instead of recycled. */
  public void condemn() {
    isCondemned = true;
  }

  public boolean isCondemned() {
    return isCondemned;
  }
}
