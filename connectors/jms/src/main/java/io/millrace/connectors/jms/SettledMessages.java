/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Messages whose events the channels have, and of which the broker may not know it because a commit
 * failed: when they come again their events are not handed on a second time. A message is known
 * again by its id and its content together, as some senders give the same id to many; so at worst
 * an event comes twice, and none is taken for another.
 *
 * <p>Bounded by {@link #MAX_MESSAGES}, beyond which the oldest is forgotten. Confined to the thread
 * that receives.
 */
final class SettledMessages {
  static final int MAX_MESSAGES = 100_000;

  /** Properties that the broker changes from one delivery to the next. */
  private static final String BROKERS_PREFIX = "JMSX";

  private final Map<ByteBuffer, Integer> counts = new LinkedHashMap<>();

  /** What a message is known by. */
  static ByteBuffer mark(String id, EventBatch events) {
    MessageDigest digest = sha256();
    add(digest, id.getBytes(StandardCharsets.UTF_8));
    for (EventView event : events) {
      new TreeMap<>(event.headers())
          .forEach(
              (name, value) -> {
                if (!name.startsWith(BROKERS_PREFIX)) {
                  add(digest, name.getBytes(StandardCharsets.UTF_8));
                  add(digest, value.getBytes(StandardCharsets.UTF_8));
                }
              });
      add(digest, event.body());
    }
    return ByteBuffer.wrap(digest.digest());
  }

  private static void add(MessageDigest digest, byte[] part) {
    digest.update(ByteBuffer.allocate(4).putInt(part.length).flip());
    digest.update(part);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  void add(ByteBuffer mark) {
    counts.merge(mark, 1, Integer::sum);
    if (counts.size() > MAX_MESSAGES) {
      counts.remove(counts.keySet().iterator().next());
    }
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  /** Whether it was there; it is then taken out, once. */
  boolean remove(ByteBuffer mark) {
    if (!counts.containsKey(mark)) {
      return false;
    }
    counts.computeIfPresent(mark, (same, count) -> count == 1 ? null : count - 1);
    return true;
  }
}
