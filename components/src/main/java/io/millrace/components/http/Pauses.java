/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.rpc.transport.ConnectionClock;
import io.netty.channel.Channel;
import java.util.EnumSet;
import java.util.Set;

/** Why a connection is not read; it is when there is no reason. Confined to the event loop. */
final class Pauses {
  /** A reason. */
  enum Pause {
    SHARED_BUDGET,
    OWN_LIMIT,
    CLIENT_READS_NOTHING,
    ENDING
  }

  private final ConnectionClock clock;
  private final Set<Pause> pauses = EnumSet.noneOf(Pause.class);
  private Channel channel;

  /**
   * @param clock told how long nothing was read
   */
  Pauses(ConnectionClock clock) {
    this.clock = clock;
  }

  /** The channel is open. */
  void of(Channel opened) {
    channel = opened;
  }

  void set(Pause pause, boolean isPaused) {
    boolean wasPaused = !pauses.isEmpty();
    if (!(isPaused ? pauses.add(pause) : pauses.remove(pause))) {
      return;
    }
    if (!wasPaused) {
      clock.paused(System.nanoTime());
      channel.config().setAutoRead(false);
    } else if (pauses.isEmpty()) {
      clock.resumed(System.nanoTime());
      channel.config().setAutoRead(true);
    }
  }

  boolean contains(Pause pause) {
    return pauses.contains(pause);
  }

  boolean isEmpty() {
    return pauses.isEmpty();
  }
}
