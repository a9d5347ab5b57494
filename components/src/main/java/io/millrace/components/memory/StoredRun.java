/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.util.Iterator;

/**
 * Consecutive events in memory that are given out from the front; keeps its place, so that a large
 * batch given out in small pieces is walked once. Guarded by the queue's lock.
 */
final class StoredRun {
  private final EventBatch batch;
  private final Load load;
  private final long sequenceFirst;

  /** Index of the next event to give out. */
  private int next;

  private Iterator<EventView> rest;

  /** The event at {@code next}; null before the first partial take and after the last event. */
  private EventView event;

  StoredRun(EventBatch batch, Load load, long sequenceFirst) {
    this.batch = batch;
    this.load = load;
    this.sequenceFirst = sequenceFirst;
  }

  /** The next events to give out: as many as fit, none when the first does not fit. */
  Piece take(int maxEvents, long maxBytes, boolean atLeastOne, int slotBytes) {
    if (next == 0 && batch.eventCount() <= maxEvents && batch.encodedBytes() <= maxBytes) {
      next = batch.eventCount();
      return new Piece(batch, load, sequenceFirst);
    }
    if (rest == null) {
      rest = batch.iterator();
      event = rest.next();
    }
    int first = next;
    long bytes = 0;
    EventBatch.Builder piece = EventBatch.builder(estimatedBytes(maxEvents, maxBytes));
    while (event != null
        && piece.eventCount() < maxEvents
        && (bytes + event.encodedBytes() <= maxBytes || (atLeastOne && piece.eventCount() == 0))) {
      bytes += event.encodedBytes();
      piece.add(event);
      next++;
      event = rest.hasNext() ? rest.next() : null;
    }
    EventBatch taken = piece.build();
    return new Piece(taken, Load.of(taken, slotBytes), sequenceFirst + first);
  }

  boolean isExhausted() {
    return next == batch.eventCount();
  }

  long sequenceNext() {
    return sequenceFirst + next;
  }

  private int estimatedBytes(int maxEvents, long maxBytes) {
    long bytesEach = batch.encodedBytes() / batch.eventCount() + 1L;
    long bytes = bytesEach * Math.min(maxEvents, batch.eventCount() - next);
    return (int) Math.min(bytes, Math.min(maxBytes, batch.encodedBytes()));
  }

  /** Consecutive events, what they weigh, and the sequence number of the first. Immutable. */
  record Piece(EventBatch batch, Load load, long sequenceFirst) {}
}
