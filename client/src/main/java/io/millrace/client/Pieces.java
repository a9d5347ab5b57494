/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.util.ArrayList;
import java.util.List;

/** Cuts batches to the size of calls. Stateless. */
final class Pieces {
  private Pieces() {}

  /** The events in their order, in pieces within both bounds; an event above them is one alone. */
  static List<EventBatch> of(EventBatch batch, int maxEvents, long maxBytes) {
    if (batch.eventCount() == 1
        || (batch.eventCount() <= maxEvents && batch.encodedBytes() <= maxBytes)) {
      return List.of(Compact.of(batch));
    }
    List<EventBatch> pieces = new ArrayList<>();
    EventBatch.Builder piece = EventBatch.builder();
    for (EventView event : batch) {
      boolean isFull =
          piece.eventCount() >= maxEvents || piece.encodedBytes() + event.encodedBytes() > maxBytes;
      if (isFull && piece.eventCount() > 0) {
        pieces.add(Compact.of(piece.build()));
        piece = EventBatch.builder();
      }
      piece.add(event);
    }
    pieces.add(Compact.of(piece.build()));
    return pieces;
  }
}
