/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.Origin;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How a call's metadata names the events that it carries, so that a server may remember what it has
 * had. Flume ignores it.
 *
 * <pre>
 *   millrace.journal   16 bytes, a UUID, not zero
 *   millrace.lane      i32, 0 or more
 *   millrace.first     i64, 0 or more
 *   millrace.count     i32, the number of events of the call
 *   millrace.session   i64
 *   millrace.floor     i64, 0 to first
 *   millrace.fresh     u8, 0 or 1
 * </pre>
 *
 * <p>Big-endian. All of them or none: see docs/decisions/0011-exactly-once-between-hops.md.
 */
public final class OriginMetadata {
  private static final String PREFIX = "millrace.";
  private static final String JOURNAL = PREFIX + "journal";
  private static final String LANE = PREFIX + "lane";
  private static final String FIRST = PREFIX + "first";
  private static final String COUNT = PREFIX + "count";
  private static final String SESSION = PREFIX + "session";
  private static final String FLOOR = PREFIX + "floor";
  private static final String FRESH = PREFIX + "fresh";

  private OriginMetadata() {}

  /** The entries of a call; none for events of no known origin. */
  public static Map<String, byte[]> of(Origin origin) {
    if (!origin.isKnown()) {
      return Map.of();
    }
    byte[] journal =
        ByteBuffer.allocate(16)
            .putLong(origin.journal().getMostSignificantBits())
            .putLong(origin.journal().getLeastSignificantBits())
            .array();
    Map<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put(JOURNAL, journal);
    metadata.put(LANE, bytes(origin.lane()));
    metadata.put(FIRST, bytes(origin.first()));
    metadata.put(COUNT, bytes(origin.count()));
    metadata.put(SESSION, bytes(origin.session()));
    metadata.put(FLOOR, bytes(origin.floor()));
    metadata.put(FRESH, new byte[] {(byte) (origin.isFresh() ? 1 : 0)});
    return metadata;
  }

  private static byte[] bytes(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  /** Whether a call names its events at all; a Flume peer does not. */
  static boolean isIn(Map<String, byte[]> metadata) {
    return metadata.containsKey(JOURNAL);
  }

  /**
   * The origin of a call's events; empty when anything about it is not as it should be, for a wrong
   * one could make a channel drop events.
   */
  static Optional<Origin> parse(Map<String, byte[]> metadata, int eventCount, String peer) {
    ByteBuffer journal = entry(metadata, JOURNAL, 16);
    ByteBuffer lane = entry(metadata, LANE, 4);
    ByteBuffer first = entry(metadata, FIRST, 8);
    ByteBuffer count = entry(metadata, COUNT, 4);
    ByteBuffer session = entry(metadata, SESSION, 8);
    ByteBuffer floor = entry(metadata, FLOOR, 8);
    ByteBuffer fresh = entry(metadata, FRESH, 1);
    if (journal == null
        || lane == null
        || first == null
        || count == null
        || session == null
        || floor == null
        || fresh == null) {
      return Optional.empty();
    }
    UUID id = new UUID(journal.getLong(), journal.getLong());
    byte freshness = fresh.get();
    if (id.equals(Origin.NONE.journal())
        || count.getInt() != eventCount
        || (freshness != 0 && freshness != 1)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Origin(
              id,
              lane.getInt(),
              first.getLong(),
              eventCount,
              session.getLong(),
              floor.getLong(),
              freshness == 1,
              peer));
    } catch (IllegalArgumentException e) {
      // Numbers out of bounds.
      return Optional.empty();
    }
  }

  /** Null unless there is an entry of that size. */
  private static ByteBuffer entry(Map<String, byte[]> metadata, String name, int bytes) {
    byte[] value = metadata.get(name);
    return value == null || value.length != bytes ? null : ByteBuffer.wrap(value);
  }
}
