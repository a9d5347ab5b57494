/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.listen;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that wait for the channels, of all connections together. May be exceeded by what each
 * connection had read already: one read buffer. Safe for many threads.
 */
public final class FlightBudget {
  private final long maxBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

  public FlightBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  public long usedBytes() {
    return usedBytes.get();
  }

  public boolean hasRoom() {
    return usedBytes.get() < maxBytes;
  }

  public void take(long bytes) {
    usedBytes.addAndGet(bytes);
  }

  public void giveBack(long bytes) {
    usedBytes.addAndGet(-bytes);
    wakeIfRoom();
  }

  /** Calls {@code wake} once, on any thread, when there is room. */
  public void await(Runnable wake) {
    waiting.add(wake);
    // Room may have come between the caller's look and the line above.
    wakeIfRoom();
  }

  private void wakeIfRoom() {
    while (hasRoom()) {
      Runnable wake = waiting.poll();
      if (wake == null) {
        return;
      }
      wake.run();
    }
  }
}
