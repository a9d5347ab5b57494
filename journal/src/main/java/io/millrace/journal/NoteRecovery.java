/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.CopyRepair;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentReader;
import io.millrace.journal.segment.SegmentScan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Finds what a lane holds of notes: the digest of the checkpoint and the notes behind its place, or
 * the latest digest of a segment and the notes from there on; and which segments must stay, also
 * with nothing else in them, so that the next start finds it without a checkpoint. Confined to the
 * thread that opens the lane. Rules: docs/formats/journal-v1.md#recovery-of-notes
 */
final class NoteRecovery {
  private final LaneContext context;
  private final int laneIndex;
  private final Map<String, SegmentFile> files;
  private final List<SegmentFacts> newestFirst;
  private final List<byte[]> digests = new ArrayList<>();
  private final List<SegmentScan.Note> notes = new ArrayList<>();

  /** Newest first; with sequences of their own, so that no two of them begin at the same one. */
  private final List<SegmentFacts> needed = new ArrayList<>();

  private SegmentFacts holder;
  private byte[] holderDigest;

  /** The checkpoint's digest tells of all notes before its place. */
  private boolean isHinted;

  private long damagedNotes;

  private NoteRecovery(
      LaneContext context, int laneIndex, List<SegmentFacts> used, Map<String, SegmentFile> files) {
    this.context = context;
    this.laneIndex = laneIndex;
    this.files = files;
    newestFirst = new ArrayList<>(used);
    newestFirst.sort(Comparator.comparingLong(segment -> segment.use().ordinal()));
    Collections.reverse(newestFirst);
  }

  /**
   * @param tailScan of the last segment, from the checkpoint's place if it names that segment; null
   *     if there is no segment
   * @param checkpoint null if there is none
   */
  static NoteRecovery run(
      LaneContext context,
      int laneIndex,
      List<SegmentFacts> used,
      Map<String, SegmentFile> files,
      SegmentScan tailScan,
      Checkpoint checkpoint)
      throws IOException {
    NoteRecovery recovery = new NoteRecovery(context, laneIndex, used, files);
    recovery.find(tailScan, checkpoint);
    return recovery;
  }

  private void find(SegmentScan tailScan, Checkpoint checkpoint) throws IOException {
    if (checkpoint != null && checkpoint.digest() != null) {
      digests.add(checkpoint.digest());
      isHinted = !newestFirst.isEmpty() && newestFirst.get(0).use().equals(checkpoint.tail());
    }
    long end = Long.MAX_VALUE;
    for (SegmentFacts segment : newestFirst) {
      boolean isTail = end == Long.MAX_VALUE;
      boolean isFound = false;
      if (isTail) {
        isFound = findInTail(segment, tailScan, checkpoint);
      } else if (segment.firstSequence() < end) {
        isFound = findBehind(segment, end);
      }
      if (isFound) {
        return;
      }
      end = Math.min(end, segment.firstSequence());
    }
  }

  private boolean findInTail(SegmentFacts tail, SegmentScan tailScan, Checkpoint checkpoint)
      throws IOException {
    SegmentFile file = files.get(tail.name());
    boolean isPartial =
        takesNotes()
            && checkpoint != null
            && tail.use().equals(checkpoint.tail())
            && checkpoint.digest() == null;
    SegmentScan scan = tailScan;
    if (isPartial) {
      // Written by a journal that took no notes: its place says nothing about those before.
      scan = scan(tail, checkpoint.nextSequence());
    }
    long proven = scan.facts().provenSequence();
    proven = Math.max(proven, checkpoint == null ? 0 : checkpoint.nextSequence());
    add(tail, scan, Long.MAX_VALUE);
    try {
      return findDigest(tail, scan.facts().endSequence(), proven);
    } finally {
      file.close();
    }
  }

  /** What can't be read there endangers no record. */
  private boolean findBehind(SegmentFacts segment, long end) throws IOException {
    try {
      if (takesNotes() && !isHinted) {
        add(segment, scan(segment, end), end);
      }
      return findDigest(segment, end, end);
    } catch (IOException e) {
      context
          .listener()
          .onEvent(
              new JournalEvent.DiskTrouble(
                  laneIndex, "notes of " + segment.name() + " can't be read", e));
      return false;
    } finally {
      files.get(segment.name()).close();
    }
  }

  private SegmentScan scan(SegmentFacts segment, long provenSequence) throws IOException {
    SegmentFile file = files.get(segment.name());
    takeFromCopies(segment, file.fileBytes());
    return SegmentScan.run(
        new SegmentReader(file, segment.use()),
        SegmentHeaderLayout.BLOCK_BYTES,
        segment.firstSequence(),
        provenSequence,
        true);
  }

  private void takeFromCopies(SegmentFacts segment, long to) {
    CopyRepair.frames(
        files.get(segment.name()),
        segment.use(),
        SegmentHeaderLayout.BLOCK_BYTES,
        to,
        (position, endPosition, error) ->
            context
                .listener()
                .onEvent(
                    new JournalEvent.CopyRepaired(
                        laneIndex, segment.name(), position, endPosition, error)));
  }

  private void add(SegmentFacts segment, SegmentScan scan, long end) {
    for (SegmentScan.Note note : scan.notes()) {
      // What lies beyond was written again to a later segment, or refused.
      if (note.firstSequence() < end) {
        notes.add(note);
      }
    }
    if (scan.damagedNotes() > 0) {
      damaged(segment, scan.damagedNotes());
    }
  }

  /** Whether there is nothing to look for in the segments before. */
  private boolean findDigest(SegmentFacts segment, long endSequence, long provenSequence)
      throws IOException {
    if (segment.firstSequence() < endSequence) {
      needed.add(segment);
    }
    int position = SegmentHeaderLayout.BLOCK_BYTES;
    takeFromCopies(segment, position + 1L);
    SegmentReader reader = new SegmentReader(files.get(segment.name()), segment.use());
    FrameHeader first = reader.headerAt(position);
    boolean isProven = segment.firstSequence() < provenSequence;
    if (first == null || !isProven && !reader.isWhole(first)) {
      return false;
    }
    if (!first.hasDigest()) {
      // Written by a journal that took no notes.
      return true;
    }
    byte[] digest = reader.digest(first);
    if (digest == null) {
      if (isProven) {
        damaged(segment, 1);
      }
      return false;
    }
    if (!isHinted) {
      digests.add(digest);
    }
    holder = segment;
    holderDigest = digest;
    return true;
  }

  private void damaged(SegmentFacts segment, long count) {
    damagedNotes += count;
    context.listener().onEvent(new JournalEvent.NotesDamaged(laneIndex, segment.name(), count));
  }

  /** Whether the segment holds notes or a digest that the next start may need. */
  boolean isNeeded(SegmentFacts segment) {
    return hasNotes() && needed.contains(segment);
  }

  private boolean hasNotes() {
    return holder != null || damagedNotes > 0;
  }

  /** Which of the lane's segments is the oldest one that is needed, or null. */
  Segment holderAmong(List<Segment> segments) {
    if (!hasNotes() || needed.isEmpty()) {
      return null;
    }
    SegmentFacts oldest = needed.get(needed.size() - 1);
    return segments.stream()
        .filter(segment -> segment.use().equals(oldest.use()))
        .findFirst()
        .orElse(null);
  }

  /** Notes and digests that can't be read any more. */
  long damagedNotes() {
    return damagedNotes;
  }

  /** Tells what is known to be synced: the digests, and notes below a sequence. */
  void commitBelow(long provenSequence) {
    context
        .options()
        .noteDigest()
        .ifPresent(
            digest -> {
              digests.forEach(digest::recovered);
              commit(digest, 0, provenSequence);
            });
  }

  /** Tells the rest, once it is known to be synced too. */
  void commitFrom(long provenSequence) {
    context
        .options()
        .noteDigest()
        .ifPresent(digest -> commit(digest, provenSequence, Long.MAX_VALUE));
  }

  private boolean takesNotes() {
    return context.options().noteDigest().isPresent();
  }

  /**
   * From where on the tail is copied if its end is: a journal that takes no notes can make no
   * digest, and copies the segment with the one that it carries.
   */
  long copiedFrom(SegmentFacts tail, long provenSequence) {
    return isCopiedAsItIs(tail) ? tail.firstSequence() : provenSequence;
  }

  /** For the copy of the tail, or null: of all that was told. */
  byte[] digestFor(SegmentFacts tail) {
    return isCopiedAsItIs(tail)
        ? holderDigest
        : context.options().noteDigest().map(LaneNotes::digestOf).orElse(null);
  }

  private boolean isCopiedAsItIs(SegmentFacts tail) {
    return !takesNotes() && tail.equals(holder);
  }

  private void commit(NoteDigest digest, long firstSequence, long endSequence) {
    for (SegmentScan.Note note : notes) {
      if (note.firstSequence() >= firstSequence && note.firstSequence() < endSequence) {
        digest.committed(note.bytes());
      }
    }
  }
}
