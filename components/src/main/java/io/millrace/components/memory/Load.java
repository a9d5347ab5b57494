/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;

/**
 * What events weigh in a memory channel: their number, the slots of 100 bytes that their bodies
 * take (one at least, as Flume counts), and their encoded bytes. Immutable.
 */
record Load(long events, long slots, long bytes) {
  static final Load NONE = new Load(0, 0, 0);

  private static final int SLOT_BYTES = 100;

  static Load of(EventBatch batch) {
    long slots = 0;
    long bytes = 0;
    for (EventView event : batch) {
      slots += slots(event);
      bytes += event.encodedBytes();
    }
    return new Load(batch.eventCount(), slots, bytes);
  }

  static Load of(EventView event) {
    return new Load(1, slots(event), event.encodedBytes());
  }

  /** Slots in {@code bytes} bytes, whole ones. */
  static long slotsIn(long bytes) {
    return bytes / SLOT_BYTES;
  }

  Load plus(Load other) {
    return new Load(events + other.events, slots + other.slots, bytes + other.bytes);
  }

  Load minus(Load other) {
    return new Load(events - other.events, slots - other.slots, bytes - other.bytes);
  }

  private static long slots(EventView event) {
    return Math.max(1, (event.bodyBytes() + (SLOT_BYTES - 1L)) / SLOT_BYTES);
  }
}
