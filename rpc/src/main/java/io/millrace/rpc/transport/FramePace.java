/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Whether a half-received frame gets on: by its rate, measured anew in each window, for a peer that
 * sent much at first would otherwise have hours of silence to its credit; and by a deadline for the
 * whole, for at the lowest rate the longest frame would take most of a day. Does no I/O and reads
 * no clock. Confined to the event loop.
 */
final class FramePace {
  private final ServerLimits limits;
  private long frameStartNanos;
  private long windowStartNanos;
  private int windowStartBytes;

  FramePace(ServerLimits limits) {
    this.limits = limits;
  }

  void frameBegan(long nowNanos) {
    frameStartNanos = nowNanos;
    windowStartNanos = nowNanos;
    windowStartBytes = 0;
  }

  /** Time in which nothing was read is not the peer's slowness. */
  void paused(long nanos) {
    frameStartNanos += nanos;
    windowStartNanos += nanos;
  }

  /**
   * What is wrong with the frame that is being received, if anything.
   *
   * @param receivedBytes of the frame so far
   */
  Optional<String> slowness(long nowNanos, int receivedBytes) {
    long frameNanos = nowNanos - frameStartNanos;
    if (frameNanos > limits.frameDeadline().toNanos()) {
      return Optional.of(
          "frame: "
              + receivedBytes
              + " bytes in "
              + TimeUnit.NANOSECONDS.toMillis(frameNanos)
              + " ms (expected: the whole of it in "
              + limits.frameDeadline().toMillis()
              + " ms)");
    }
    long windowNanos = nowNanos - windowStartNanos;
    if (windowNanos < limits.frameGrace().toNanos()) {
      return Optional.empty();
    }
    int windowBytes = receivedBytes - windowStartBytes;
    if (windowBytes < windowNanos / 1e9 * limits.minFrameBytesPerSecond()) {
      return Optional.of(
          "frame: "
              + windowBytes
              + " bytes in "
              + TimeUnit.NANOSECONDS.toMillis(windowNanos)
              + " ms (expected: "
              + limits.minFrameBytesPerSecond()
              + " bytes per second)");
    }
    windowStartNanos = nowNanos;
    windowStartBytes = receivedBytes;
    return Optional.empty();
  }
}
