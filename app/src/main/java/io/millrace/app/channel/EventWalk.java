/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MalformedBatchException;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.FrameVisitor;
import io.millrace.journal.inspect.LaneWalk;
import io.millrace.journal.inspect.StoredFrame;
import io.millrace.journal.inspect.WalkReport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Walks over the events of a lane. Confined to one thread; single use. */
final class EventWalk implements FrameVisitor {
  private final Visitor visitor;
  private final Progress progress;
  private final List<Damage> noEvents = new ArrayList<>();

  /** Sees events in order. */
  interface Visitor {
    /**
     * @param isWaiting whether it is still to be delivered
     * @return false to end the walk
     */
    boolean event(int laneIndex, long sequence, boolean isWaiting, EventView event)
        throws IOException;
  }

  private EventWalk(Visitor visitor, Progress progress) {
    this.visitor = visitor;
    this.progress = progress;
  }

  /** Damages of the result include payloads that are no events. */
  static WalkReport run(LaneWalk walk, Progress progress, Visitor visitor) throws IOException {
    EventWalk events = new EventWalk(visitor, progress);
    WalkReport report = walk.run(events);
    List<Damage> damages = new ArrayList<>(report.damages());
    damages.addAll(events.noEvents);
    return new WalkReport(
        report.frames(),
        report.records(),
        report.unopenedFrames(),
        report.storedBytes(),
        report.plainBytes(),
        damages);
  }

  @Override
  public void passed(long bytes) {
    progress.passed(bytes);
  }

  @Override
  public boolean visit(StoredFrame frame) throws IOException {
    if (frame.payload() == null) {
      return true;
    }
    EventBatch batch;
    try {
      batch = EventBatch.parse(frame.payload(), 0, frame.payload().length);
      if (batch.eventCount() != frame.recordCount()) {
        throw new MalformedBatchException(
            batch.eventCount() + " events (expected: " + frame.recordCount() + ")");
      }
    } catch (MalformedBatchException e) {
      noEvents.add(
          new Damage(
              frame.laneIndex(),
              Damage.Kind.NOT_EVENTS,
              frame.segment(),
              frame.position(),
              frame.endPosition(),
              frame.waiting()));
      return true;
    }
    long sequence = frame.firstSequence();
    for (EventView event : batch) {
      if (!visitor.event(frame.laneIndex(), sequence, isWaiting(frame, sequence), event)) {
        return false;
      }
      sequence++;
    }
    return true;
  }

  private static boolean isWaiting(StoredFrame frame, long sequence) {
    for (SequenceRange range : frame.waiting()) {
      if (sequence >= range.first() && sequence < range.end()) {
        return true;
      }
    }
    return false;
  }
}
