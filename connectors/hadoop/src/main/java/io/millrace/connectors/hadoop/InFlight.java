/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;

/**
 * A delivery that is not answered yet: its events may be on their way into several files. Guarded
 * by {@code this}.
 */
final class InFlight {
  private final Origin origin;
  private final long bytes;
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final Outcome.Builder answer = Outcome.builder();
  private final BitSet rejected = new BitSet();
  private boolean isRetried;
  private int unsettled;

  InFlight(Origin origin, int events, long bytes) {
    this.origin = origin;
    this.unsettled = events;
    this.bytes = bytes;
  }

  Origin origin() {
    return origin;
  }

  long bytes() {
    return bytes;
  }

  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  /** Events that were in a file before. */
  void settledBefore(int events) {
    settle(events);
  }

  synchronized boolean isRejected(int index) {
    return rejected.get(index);
  }

  void reject(int index, String reason) {
    synchronized (this) {
      if (rejected.get(index)) {
        return;
      }
      rejected.set(index);
      answer.reject(index, reason);
    }
    settle(1);
  }

  /** The events of the part are in a file for good. */
  void delivered(Part part) {
    settle(count(part));
  }

  /** The events of the part go back to the channel. */
  void retry(Part part) {
    int count = count(part);
    synchronized (this) {
      isRetried = true;
      for (int i = part.from(); i < part.to(); i++) {
        int index = part.index(i);
        if (!rejected.get(index)) {
          answer.retry(index, index + 1);
        }
      }
    }
    settle(count);
  }

  /** Whether an event of it goes back. */
  synchronized boolean isRetried() {
    return isRetried;
  }

  private synchronized int count(Part part) {
    int count = 0;
    for (int i = part.from(); i < part.to(); i++) {
      if (!rejected.get(part.index(i))) {
        count++;
      }
    }
    return count;
  }

  private void settle(int events) {
    Outcome whole = null;
    synchronized (this) {
      unsettled -= events;
      if (unsettled == 0) {
        whole = answer.build();
      }
    }
    if (whole != null) {
      outcome.complete(whole);
    }
  }
}
