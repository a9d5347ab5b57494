/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventView;

/** Counts of one run. Confined to one thread. */
final class Tally {
  private long selected;
  private long outside;
  private long bodyBytes;
  private long firstMillis = Long.MAX_VALUE;
  private long lastMillis = Long.MIN_VALUE;

  void selected(EventView event, long millis) {
    selected++;
    bodyBytes += event.bodyBytes();
    firstMillis = Math.min(firstMillis, millis);
    lastMillis = Math.max(lastMillis, millis);
  }

  void outside() {
    outside++;
  }

  long selectedEvents() {
    return selected;
  }

  /** Events read that do not lie in the window. */
  long outsideEvents() {
    return outside;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  /** Earliest time of a selected event; only when there is one. */
  long firstMillis() {
    return firstMillis;
  }

  long lastMillis() {
    return lastMillis;
  }
}
