/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.FrameLayout;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SegmentUse;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentWriter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Group commit: writes what a turn took, syncs once, and knows what is in doubt after a failure.
 * Frames in doubt keep their sequences and go to the next segment before anything else. Confined to
 * the lane's owner thread.
 */
final class GroupWriter {
  private static final int BUFFER_BYTES = 1 << 20;

  /** More than that in one turn would only add latency. */
  private static final long MAX_GROUP_BYTES = 16L << 20;

  private final int laneIndex;
  private final LaneContext context;
  private final LaneCounters counters;
  private final SegmentWriter writer;
  private final LaneNotes notes;

  /** Written and not synced; only with a sync interval is it ever more than one group. */
  private final ArrayList<PendingAppend> unsynced = new ArrayList<>();

  /** To be written again, oldest first. */
  private final ArrayDeque<PendingAppend> inDoubt = new ArrayDeque<>();

  /** What the turn in progress writes. */
  private List<PendingAppend> group = List.of();

  private long unsyncedBytes;
  private long nextSequence;
  private long syncedSequence;
  private long lastOrdinal;
  private boolean isFirstGroup;
  private volatile int inDoubtCount;

  GroupWriter(LaneContext context, LaneCounters counters, LaneStart start) {
    this.laneIndex = start.laneIndex();
    this.context = context;
    this.counters = counters;
    this.nextSequence = start.nextSequence();
    this.syncedSequence = start.nextSequence();
    this.lastOrdinal = start.lastOrdinal();
    this.notes = new LaneNotes(context.options(), start.digestHolder());
    long bufferBytes = Math.min(BUFFER_BYTES, segmentBytesOf(context.options()));
    this.writer = new SegmentWriter((int) bufferBytes);
  }

  static long segmentBytesOf(JournalOptions options) {
    int block = SegmentHeaderLayout.BLOCK_BYTES;
    return (options.segmentBytes() + block - 1) / block * block;
  }

  /** The segment that groups go to, or null. */
  Segment segment() {
    return writer.segment();
  }

  /** Where the next group starts in {@link #segment}. */
  long position() {
    return writer.position();
  }

  long syncedSequence() {
    return syncedSequence;
  }

  long nextSequence() {
    return nextSequence;
  }

  int inDoubtCount() {
    return inDoubtCount;
  }

  boolean hasUnsynced() {
    return !unsynced.isEmpty();
  }

  boolean hasRoom(long frameBytes) {
    return writer.hasRoom(frameBytes);
  }

  /** Bytes of the first frame to be written again, or -1. */
  long nextInDoubtBytes() {
    return inDoubt.isEmpty() ? -1 : inDoubt.peek().frame.frameBytes();
  }

  /**
   * The size of a segment file that has room for the frame as the first one. Beside a digest that
   * takes most of an ordinary file there is room for more frames.
   */
  long fileBytesFor(long frameBytes) {
    long segmentBytes = segmentBytesOf(context.options());
    int digestBytes = notes.preparedBytes();
    long firstBytes =
        frameBytes + digestBytes + (digestBytes > segmentBytes / 2 ? segmentBytes : 0);
    int block = SegmentHeaderLayout.BLOCK_BYTES;
    return block + (firstBytes + block - 1) / block * block;
  }

  /** Whether the segment holds nothing that is still wanted once its records are acknowledged. */
  boolean isDispensable(Segment segment) {
    return segment != segment() && !notes.isNeeded(segment);
  }

  /** Of everything committed, for a checkpoint; null if frames take no notes. */
  byte[] digest() {
    return notes.digest();
  }

  /** Starts a segment. What the one before holds must be synced. */
  void beginSegment(SegmentFile file, long lowWater) {
    SegmentUse use = new SegmentUse(++lastOrdinal, context.random().getAsLong());
    Segment segment = new Segment(file, use, syncedSequence);
    segment.beingWritten(true);
    writer.begin(
        segment,
        new SegmentHeader(
            context.journalId(),
            laneIndex,
            context.options().codec().features(),
            use,
            syncedSequence,
            lowWater));
    isFirstGroup = true;
  }

  /** Whether the current segment was not in use before the group just written. */
  boolean isFirstGroup() {
    return isFirstGroup;
  }

  /** Writes one group of what is in doubt and what is queued, as far as the segment has room. */
  List<PendingAppend> write(Inbox inbox) throws IOException {
    group = new ArrayList<>();
    byte[] digest = isFirstGroup ? notes.takeDigest() : null;
    long left =
        segment().file().fileBytes()
            - writer.position()
            - FrameLayout.alignUp(
                AttachmentLayout.storedBytes(digest), FrameLayout.ALIGNMENT_BYTES);
    long room = Math.min(MAX_GROUP_BYTES, left);
    // One frame may be larger than a group; the caller made sure that the segment has room for it.
    room = Math.max(room, Math.max(nextInDoubtBytes(), inbox.nextFrameBytes()));
    room = Math.min(room, left);
    while (!inDoubt.isEmpty() && inDoubt.peek().frame.frameBytes() <= room) {
      room -= inDoubt.peek().frame.frameBytes();
      group.add(inDoubt.poll());
    }
    if (inDoubt.isEmpty()) {
      inbox.takeAppends(group, room);
    }
    for (PendingAppend append : group) {
      if (append.firstSequence == PendingAppend.NOT_STAMPED) {
        append.firstSequence = nextSequence;
        nextSequence += append.frame.recordCount();
      }
      unsynced.add(append);
      unsyncedBytes += append.frame.frameBytes();
    }
    for (PendingAppend append : group) {
      writer.put(
          append.frame.stored(),
          append.frame.recordCount(),
          append.firstSequence,
          syncedSequence,
          append.frame.note(),
          digest);
      digest = null;
    }
    writer.endGroup();
    counters.groups.incrementAndGet();
    inDoubtCount = inDoubt.size();
    return group;
  }

  boolean isSyncUrgent() {
    return unsyncedBytes > MAX_GROUP_BYTES;
  }

  /** Makes all that was written durable. */
  void sync() throws IOException {
    long startNanos = System.nanoTime();
    writer.force();
    long nanos = System.nanoTime() - startNanos;
    counters.countSync(nanos);
    if (!unsynced.isEmpty()) {
      long endSequence = unsynced.get(unsynced.size() - 1).endSequence();
      context
          .listener()
          .onSync(laneIndex, nanos, endSequence - unsynced.get(0).firstSequence, unsyncedBytes);
      syncedSequence = endSequence;
      notes.synced(segment(), unsynced);
    }
    unsynced.clear();
    unsyncedBytes = 0;
  }

  /** The segment was registered: later groups add to it. */
  void endFirstGroup() {
    isFirstGroup = false;
  }

  /** A write or sync failed. Nothing more goes to the segment; what it held in doubt is kept. */
  Segment condemn() {
    Segment condemned = writer.segment();
    condemned.condemn();
    condemned.beingWritten(false);
    counters.condemnedSegments.incrementAndGet();
    for (int i = unsynced.size() - 1; i >= 0; i--) {
      inDoubt.addFirst(unsynced.get(i));
    }
    inDoubtCount = inDoubt.size();
    endGroup();
    unsynced.clear();
    unsyncedBytes = 0;
    writer.abandon();
    return condemned;
  }

  /** All of the group just written is answered. */
  void endGroup() {
    group = List.of();
  }

  /** Nothing is written any more: what may be on the disk and was not answered stays in doubt. */
  List<PendingAppend> giveUpInDoubt() {
    List<PendingAppend> rest = new ArrayList<>(group);
    rest.addAll(unsynced);
    rest.addAll(inDoubt);
    rest.removeIf(append -> append.future.isDone());
    endGroup();
    unsynced.clear();
    unsyncedBytes = 0;
    inDoubt.clear();
    inDoubtCount = 0;
    return rest;
  }
}
