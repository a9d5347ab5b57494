/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.components.ledger.SenderState.Memory;
import io.millrace.components.ledger.SenderState.Session;
import io.millrace.journal.format.SequenceRange;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a ledger remembers, as bytes.
 *
 * <pre>
 *   digest  = version u8, 1;  sender*;            to the end, most recently used first
 *   sender  = journal 16 bytes;  lane i32;  flags u8, bit 0: contested;  lowWater var;
 *             rangeCount var;  { gap var;  length var }*;
 *             sessionCount u8;  { id i64;  freshFirst i64;  end i64;  retryFirst i64;
 *             retryEnd i64 }*
 * </pre>
 *
 * <p>Fixed numbers are big-endian; var is 7 bits a byte, low ones first, the top bit saying that
 * more follow. A gap counts from the end of the range before, or from lowWater. A first is the
 * largest i64 when nothing of its kind came, an end 0. It has no checksum: who stores it does that.
 */
final class LedgerDigest {
  private static final byte VERSION = 1;
  private static final int CONTESTED = 1;

  /** One sender of a digest. Immutable. */
  record Entry(SenderKey sender, Memory memory) {}

  private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
  private final int maxBytes;

  /** A digest of nobody yet. */
  LedgerDigest(int maxBytes) {
    this.maxBytes = maxBytes;
    out.write(VERSION);
  }

  /** Adds a sender; false when there is no room for it. */
  boolean add(SenderKey sender, Memory memory) {
    byte[] bytes = encode(sender, memory);
    if (bytes.length > maxBytes - out.size()) {
      return false;
    }
    out.writeBytes(bytes);
    return true;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private static byte[] encode(SenderKey sender, Memory memory) {
    ByteArrayOutputStream entry = new ByteArrayOutputStream(96);
    entry.writeBytes(
        ByteBuffer.allocate(21)
            .putLong(sender.journal().getMostSignificantBits())
            .putLong(sender.journal().getLeastSignificantBits())
            .putInt(sender.lane())
            .put((byte) (memory.isContested() ? CONTESTED : 0))
            .array());
    writeVar(memory.lowWater(), entry);
    writeVar(memory.ranges().size(), entry);
    long at = memory.lowWater();
    for (SequenceRange range : memory.ranges()) {
      writeVar(range.first() - at, entry);
      writeVar(range.count(), entry);
      at = range.end();
    }
    entry.write(memory.sessions().size());
    for (Session session : memory.sessions()) {
      entry.writeBytes(
          ByteBuffer.allocate(40)
              .putLong(session.id())
              .putLong(session.freshFirst())
              .putLong(session.end())
              .putLong(session.retryFirst())
              .putLong(session.retryEnd())
              .array());
    }
    return entry.toByteArray();
  }

  private static void writeVar(long value, ByteArrayOutputStream target) {
    long rest = value;
    while (rest > 0x7f) {
      target.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    target.write((int) rest);
  }

  /**
   * @throws UnreadableLedgerException when the bytes are no digest that this version knows
   */
  static List<Entry> decode(byte[] digest) throws UnreadableLedgerException {
    if (digest.length == 0 || digest[0] != VERSION) {
      throw new UnreadableLedgerException(
          "digest of version "
              + (digest.length == 0 ? "none" : digest[0])
              + " (expected: "
              + VERSION
              + ")");
    }
    ByteBuffer in = ByteBuffer.wrap(digest);
    in.get();
    List<Entry> entries = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        entries.add(decodeEntry(in));
      }
    } catch (BufferUnderflowException e) {
      throw new UnreadableLedgerException(
          "digest of " + digest.length + " bytes is cut off in sender " + entries.size());
    } catch (IllegalArgumentException e) {
      throw new UnreadableLedgerException(
          "digest: sender " + entries.size() + ": " + e.getMessage());
    }
    return entries;
  }

  private static Entry decodeEntry(ByteBuffer in) throws UnreadableLedgerException {
    SenderKey sender = new SenderKey(new UUID(in.getLong(), in.getLong()), in.getInt());
    int flags = in.get();
    long lowWater = readVar(in);
    long rangeCount = readVar(in);
    if (sender.lane() < 0 || (flags & ~CONTESTED) != 0 || rangeCount > in.remaining() / 2) {
      throw new UnreadableLedgerException(
          "digest: sender " + sender + ", flags " + flags + ", " + rangeCount + " ranges");
    }
    List<SequenceRange> ranges = new ArrayList<>((int) rangeCount);
    long at = lowWater;
    for (int i = 0; i < rangeCount; i++) {
      // A sum beyond the largest number is negative, which a range refuses.
      long first = at + readVar(in);
      SequenceRange range = new SequenceRange(first, first + readVar(in));
      ranges.add(range);
      at = range.end();
    }
    int sessionCount = in.get() & 0xff;
    List<Session> sessions = new ArrayList<>(Math.min(sessionCount, SenderState.MAX_SESSIONS));
    for (int i = 0; i < sessionCount; i++) {
      sessions.add(
          new Session(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong()));
    }
    return new Entry(sender, new Memory((flags & CONTESTED) != 0, lowWater, ranges, sessions));
  }

  private static long readVar(ByteBuffer in) throws UnreadableLedgerException {
    long value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      byte part = in.get();
      value |= (part & 0x7fL) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new UnreadableLedgerException("digest: number of more than 63 bits");
  }
}
