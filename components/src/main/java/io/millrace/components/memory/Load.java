/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;

/**
 * What events weigh in memory: their number, the slots that their bodies take (one at least, as
 * Flume counts), and their encoded bytes. Immutable.
 */
public record Load(long events, long slots, long bytes) {
  static final Load NONE = new Load(0, 0, 0);

  static Load of(EventBatch batch, int slotBytes) {
    long slots = 0;
    long bytes = 0;
    for (EventView event : batch) {
      slots += slots(event, slotBytes);
      bytes += event.encodedBytes();
    }
    return new Load(batch.eventCount(), slots, bytes);
  }

  static Load of(EventView event, int slotBytes) {
    return new Load(1, slots(event, slotBytes), event.encodedBytes());
  }

  Load plus(Load other) {
    return new Load(events + other.events, slots + other.slots, bytes + other.bytes);
  }

  Load minus(Load other) {
    return new Load(events - other.events, slots - other.slots, bytes - other.bytes);
  }

  private static long slots(EventView event, int slotBytes) {
    return Math.max(1, (event.bodyBytes() + (slotBytes - 1L)) / slotBytes);
  }
}
