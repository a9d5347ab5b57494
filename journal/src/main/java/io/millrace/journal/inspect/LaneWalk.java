/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.codec.UndecodableException;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.recovery.Repair;
import io.millrace.journal.recovery.SegmentChain;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.SegmentReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the frames of a lane as its consumers would: what it misses is what they will miss.
 * Confined to one thread; single use.
 */
public final class LaneWalk {
  private final LaneInspection lane;
  private final List<Damage> damages = new ArrayList<>();

  /** What the damages found here account for, lost or not. */
  private final SequenceSet accounted = SequenceSet.below(0);

  private boolean includesFree;
  private long fromSequence;
  private FrameVisitor visitor;
  private boolean isStopped;
  private long frames;
  private long records;
  private long unopenedFrames;
  private long storedBytes;
  private long plainBytes;

  LaneWalk(LaneInspection lane) {
    this.lane = lane;
  }

  /** One stretch of sequences and the file that holds it. */
  private record Stretch(SegmentFacts segment, long endSequence, boolean isFree) {
    long firstSequence() {
      return segment.firstSequence();
    }
  }

  /** Also over segments that hold only what is acknowledged. */
  public LaneWalk withAcknowledged() {
    includesFree = true;
    return this;
  }

  /** Leaves out segments that end before. */
  public LaneWalk from(long sequence) {
    fromSequence = sequence;
    return this;
  }

  /** What {@link FrameVisitor#passed} will add up to, if the walk is not ended early. */
  public long totalBytes() {
    return stretches().stream().mapToLong(stretch -> bytesOf(stretch.segment())).sum();
  }

  private long bytesOf(SegmentFacts segment) {
    return lane.endPositionOf(segment);
  }

  private List<Stretch> stretches() {
    List<Stretch> stretches = new ArrayList<>();
    if (includesFree) {
      List<SegmentFacts> free = lane.chain().free();
      List<SegmentChain.Link> live = lane.chain().live();
      for (SegmentFacts segment : free) {
        long end = endOfFree(segment, free, live);
        if (segment.firstSequence() < end && end > fromSequence) {
          stretches.add(new Stretch(segment, end, true));
        }
      }
    }
    for (SegmentChain.Link link : lane.chain().live()) {
      long end = lane.endOf(link);
      if (link.firstSequence() < end && end > fromSequence) {
        stretches.add(new Stretch(link.segment(), end, false));
      }
    }
    stretches.sort((a, b) -> Long.compare(a.firstSequence(), b.firstSequence()));
    return stretches;
  }

  /** The least first sequence of a later use. */
  private static long endOfFree(
      SegmentFacts segment, List<SegmentFacts> free, List<SegmentChain.Link> live) {
    long ordinal = segment.use().ordinal();
    long end = Long.MAX_VALUE;
    for (SegmentFacts other : free) {
      end = other.use().ordinal() > ordinal ? Math.min(end, other.firstSequence()) : end;
    }
    for (SegmentChain.Link link : live) {
      boolean isLater = link.segment().use().ordinal() > ordinal;
      end = isLater ? Math.min(end, link.firstSequence()) : end;
    }
    return end;
  }

  /** Reads everything, in the order of the sequences. */
  public WalkReport run(FrameVisitor frameVisitor) throws IOException {
    visitor = frameVisitor;
    for (Stretch stretch : stretches()) {
      if (!isStopped) {
        try {
          walk(stretch);
        } finally {
          lane.leave(stretch.segment());
        }
      }
    }
    if (!isStopped && fromSequence == 0) {
      addPlanned();
    }
    return new WalkReport(frames, records, unopenedFrames, storedBytes, plainBytes, damages);
  }

  private void walk(Stretch stretch) throws IOException {
    SegmentReader reader = lane.reader(stretch.segment());
    long position = SegmentHeaderLayout.BLOCK_BYTES;
    long passed = 0;
    long expected = stretch.firstSequence();
    boolean hasOpenedOne = false;
    long tried = -1;
    while (expected < stretch.endSequence() && !isStopped) {
      FrameHeader header = reader.headerAt(position);
      if (header == null) {
        header = reader.findHeader(position);
      }
      boolean isGap = header == null || header.firstSequence() > expected;
      if (isGap && tried < position) {
        tried = position;
        long until = header == null ? bytesOf(stretch.segment()) : header.position();
        if (lane.takeFromCopies(stretch.segment(), position, until)) {
          reader.invalidate();
          continue;
        }
      }
      if (header == null || header.firstSequence() >= stretch.endSequence()) {
        long end = header == null ? bytesOf(stretch.segment()) : header.position();
        gap(stretch, Damage.Kind.DAMAGED_FRAMES, position, end, expected, stretch.endSequence());
        break;
      }
      if (header.endSequence() > expected) {
        gap(
            stretch,
            Damage.Kind.DAMAGED_FRAMES,
            position,
            header.position(),
            expected,
            header.firstSequence());
        expected = Math.min(header.endSequence(), stretch.endSequence());
        hasOpenedOne |= visit(stretch, reader, header, expected, hasOpenedOne);
      }
      position = header.endPosition();
      visitor.passed(position - passed);
      passed = position;
    }
    visitor.passed(Math.max(0, bytesOf(stretch.segment()) - passed));
  }

  /** True if the frame was sealed and could be opened. */
  private boolean visit(
      Stretch stretch, SegmentReader reader, FrameHeader header, long end, boolean hasOpenedOne)
      throws IOException {
    byte[] stored = reader.payload(header);
    if ((stored == null || !reader.isAttachmentWhole(header))
        && lane.takeFromCopies(stretch.segment(), header.position(), header.endPosition())) {
      reader.invalidate();
      stored = reader.payload(header);
    }
    if (stored == null) {
      gap(stretch, Damage.Kind.DAMAGED_FRAMES, header, end);
      return false;
    }
    if (!reader.isAttachmentWhole(header)) {
      damages.add(
          new Damage(
              lane.laneIndex(),
              Damage.Kind.NOTES,
              stretch.segment().name(),
              header.attachmentPosition(),
              header.attachmentPosition() + header.attachmentBytes(),
              List.of()));
    }
    frames++;
    records += header.recordCount();
    storedBytes += stored.length;
    byte[] payload = null;
    try {
      payload = lane.codec().decode(header.codec(), header.keyId(), stored, header.recordCount());
      plainBytes += payload.length;
    } catch (UndecodableException e) {
      boolean isOnlyKeyless =
          e.reason() == UndecodableException.Reason.KEY_MISSING
              || e.reason() == UndecodableException.Reason.KEY_WRONG && !hasOpenedOne;
      if (!isOnlyKeyless) {
        gap(stretch, Damage.Kind.UNDECODABLE, header, end);
        return false;
      }
      unopenedFrames++;
    }
    if (header.endSequence() > fromSequence) {
      isStopped =
          !visitor.visit(
              new StoredFrame(
                  lane.laneIndex(),
                  stretch.segment().name(),
                  header.position(),
                  header.endPosition(),
                  header.firstSequence(),
                  header.recordCount(),
                  PayloadCodec.keyAlias(header.keyId(), stored),
                  header.codec(),
                  stored.length,
                  payload,
                  lane.facts().acks.missing(header.firstSequence(), end)));
    }
    return payload != null && header.keyId() != 0;
  }

  private void gap(Stretch stretch, Damage.Kind kind, FrameHeader header, long end) {
    gap(stretch, kind, header.position(), header.endPosition(), header.firstSequence(), end);
  }

  private void gap(
      Stretch stretch, Damage.Kind kind, long position, long endPosition, long first, long end) {
    if (first >= end) {
      return;
    }
    Damage.Kind said = kind;
    for (Repair.ReportLoss loss : lane.plannedLosses()) {
      if (loss.firstSequence() < end && loss.endSequence() > first) {
        said = LaneInspection.kind(loss.cause());
      }
    }
    accounted.add(first, end);
    List<SequenceRange> lost = stretch.isFree() ? List.of() : lane.facts().acks.missing(first, end);
    damages.add(
        new Damage(lane.laneIndex(), said, stretch.segment().name(), position, endPosition, lost));
  }

  /** What no file could show. */
  private void addPlanned() {
    for (Repair.ReportLoss loss : lane.plannedLosses()) {
      List<SequenceRange> rest = accounted.missing(loss.firstSequence(), loss.endSequence());
      if (!rest.isEmpty()) {
        damages.add(
            new Damage(lane.laneIndex(), LaneInspection.kind(loss.cause()), "", 0, 0, rest));
      }
    }
    damages.addAll(lane.facts().damages);
  }
}
