/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who asks whether the agent is ready, and how often each was told that it is not. By that a stop
 * knows when every load balancer has had the answer that it waits for. Guarded by {@code this}.
 */
public final class ReadinessPolls {
  /** Answers after which a load balancer has surely turned elsewhere (HAProxy: {@code fall 3}). */
  static final int ANSWERS_NEEDED = 3;

  /** Who has not asked for so long does not ask any more. */
  static final Duration FORGOTTEN_AFTER = Duration.ofSeconds(30);

  /** Peers that are remembered; of more, those that asked last. */
  static final int MAX_PEERS = 64;

  private static final class Peer {
    private long lastNanos;
    private int questions;
    private int refusals;
  }

  private final Map<InetAddress, Peer> peers =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Peer> eldest) {
          return size() > MAX_PEERS;
        }
      };

  /** Notes a question and its answer. */
  synchronized void asked(InetAddress from, boolean wasReady, long nowNanos) {
    Peer peer = peers.computeIfAbsent(from, ignored -> new Peer());
    if (isForgotten(peer, nowNanos)) {
      peer.questions = 0;
    }
    peer.lastNanos = nowNanos;
    peer.questions++;
    peer.refusals = wasReady ? 0 : peer.refusals + 1;
  }

  /** Whether somebody asks again and again who was not told often enough that it is not ready. */
  public synchronized boolean isSomebodyUnaware(long nowNanos) {
    return peers.values().stream()
        .anyMatch(
            peer ->
                peer.questions >= 2
                    && peer.refusals < ANSWERS_NEEDED
                    && !isForgotten(peer, nowNanos));
  }

  private static boolean isForgotten(Peer peer, long nowNanos) {
    return peer.questions > 0 && nowNanos - peer.lastNanos > FORGOTTEN_AFTER.toNanos();
  }
}
