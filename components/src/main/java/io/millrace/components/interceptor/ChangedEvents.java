/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;

/** Changes some events of a batch; a batch of which none changes stays the object it is. */
final class ChangedEvents {
  /** What becomes of one event. */
  @FunctionalInterface
  interface Change {
    /** Adds the changed event to {@code changed}, or returns false for it to stay as it is. */
    boolean apply(EventView event, EventBatch.Builder changed);
  }

  private ChangedEvents() {}

  static EventBatch of(EventBatch batch, Change change) {
    // Events before the first change are copied only once there is one.
    EventBatch.Builder changed = EventBatch.builder();
    int index = 0;
    int unchanged = 0;
    for (EventView event : batch) {
      if (unchanged == index) {
        if (change.apply(event, changed)) {
          changed = restart(batch, index, changed);
        } else {
          unchanged++;
        }
      } else if (!change.apply(event, changed)) {
        changed.add(event);
      }
      index++;
    }
    return unchanged == index ? batch : changed.build();
  }

  /** A builder of the events before the first changed one, and of that one. */
  private static EventBatch.Builder restart(
      EventBatch batch, int index, EventBatch.Builder firstChanged) {
    EventBatch.Builder all = EventBatch.builder(batch.encodedBytes() + firstChanged.encodedBytes());
    batch.slice(0, index).forEach(all::add);
    firstChanged.build().forEach(all::add);
    return all;
  }
}
