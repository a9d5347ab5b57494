/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.api.Origin;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * That a run of a sender's events is in the channel: what is stored with them. Immutable.
 *
 * <pre>
 *   0  version      u8, 1
 *   1  flags        u8, bit 0: fresh, bit 1: contested; the others 0
 *   2  journal      16 bytes
 *  18  lane         i32
 *  22  session      i64
 *  30  first        i64
 *  38  count        i32
 *  42  floor        i64
 * </pre>
 *
 * <p>Big-endian, 50 bytes. It has no checksum: who stores it does that.
 */
record SenderNote(
    UUID journal,
    int lane,
    long session,
    long first,
    int count,
    long floor,
    boolean isFresh,
    boolean isContested) {
  static final int BYTES = 50;
  private static final byte VERSION = 1;
  private static final int FRESH = 1;
  private static final int CONTESTED = 2;

  static SenderNote of(Origin origin, boolean isContested) {
    return new SenderNote(
        origin.journal(),
        origin.lane(),
        origin.session(),
        origin.first(),
        origin.count(),
        origin.floor(),
        origin.isFresh(),
        isContested);
  }

  SenderKey key() {
    return new SenderKey(journal, lane);
  }

  long end() {
    return first + count;
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put(VERSION)
        .put((byte) ((isFresh ? FRESH : 0) | (isContested ? CONTESTED : 0)))
        .putLong(journal.getMostSignificantBits())
        .putLong(journal.getLeastSignificantBits())
        .putInt(lane)
        .putLong(session)
        .putLong(first)
        .putInt(count)
        .putLong(floor)
        .array();
  }

  /**
   * @throws UnreadableLedgerException when the bytes are no note that this version knows
   */
  static SenderNote decode(byte[] bytes) throws UnreadableLedgerException {
    if (bytes.length != BYTES || bytes[0] != VERSION) {
      throw new UnreadableLedgerException(
          "note of "
              + bytes.length
              + " bytes, version "
              + (bytes.length == 0 ? "none" : bytes[0])
              + " (expected: "
              + BYTES
              + " bytes, version "
              + VERSION
              + ")");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
    int flags = in.get();
    SenderNote note =
        new SenderNote(
            new UUID(in.getLong(), in.getLong()),
            in.getInt(),
            in.getLong(),
            in.getLong(),
            in.getInt(),
            in.getLong(),
            (flags & FRESH) != 0,
            (flags & CONTESTED) != 0);
    if ((flags & ~(FRESH | CONTESTED)) != 0
        || note.lane < 0
        || note.first < 0
        || note.count < 1
        || note.first > Long.MAX_VALUE - note.count
        || note.floor < 0
        || note.floor > note.first) {
      throw new UnreadableLedgerException("note " + note + ", flags " + flags + " (out of bounds)");
    }
    return note;
  }
}
