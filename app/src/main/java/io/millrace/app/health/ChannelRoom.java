/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import java.time.Duration;
import java.util.Locale;

/**
 * Whether a channel has room, looked at again and again. Two thresholds and a delay, so that the
 * answer does not flap while a channel is drained as fast as it is filled: full at {@link
 * #FULL_RATIO} or when appends have waited for room for {@link #WAITING_LIMIT}, with room again at
 * {@link #ROOM_RATIO} and nobody waiting. Confined to the watch's thread.
 */
final class ChannelRoom {
  static final double FULL_RATIO = 0.99;
  static final double ROOM_RATIO = 0.95;
  static final Duration WAITING_LIMIT = Duration.ofSeconds(1);

  /**
   * What the channel says of itself.
   *
   * @param appendsWaiting for room, now
   * @param isAccepting false when its storage takes nothing
   */
  record Sight(long events, long capacityEvents, long appendsWaiting, boolean isAccepting) {
    private double ratio() {
      boolean isBounded = capacityEvents > 0 && capacityEvents != Long.MAX_VALUE;
      return isBounded ? (double) events / capacityEvents : 0;
    }
  }

  private boolean isFull;
  private boolean isWaitedFor;
  private long waitingSinceNanos;

  /** Why the channel takes nothing now, in words; empty when it has room. */
  String problem(Sight sight, long nowNanos) {
    if (sight.appendsWaiting == 0) {
      isWaitedFor = false;
    } else if (!isWaitedFor) {
      isWaitedFor = true;
      waitingSinceNanos = nowNanos;
    }
    boolean isWaitedForLong =
        isWaitedFor && nowNanos - waitingSinceNanos >= WAITING_LIMIT.toNanos();
    double threshold = isFull ? ROOM_RATIO : FULL_RATIO;
    isFull = sight.ratio() >= threshold || isWaitedForLong || isFull && isWaitedFor;
    if (!sight.isAccepting) {
      return "its storage takes nothing now: the disk is full to its reserve, or fails";
    }
    if (!isFull) {
      return "";
    }
    if (sight.ratio() >= ROOM_RATIO) {
      return String.format(
          Locale.ROOT,
          "it is full: %,d of %,d events (%.0f %%)",
          sight.events,
          sight.capacityEvents,
          100 * sight.ratio());
    }
    return String.format(
        Locale.ROOT,
        "%d appends wait for room (%,d events in it)",
        sight.appendsWaiting,
        sight.events);
  }
}
