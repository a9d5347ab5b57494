/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.AvroBinary;
import io.millrace.api.EventBatch;
import java.util.Arrays;

/**
 * Writes events in Avro binary as their parts are found, headers first; see {@link EventBatch}. The
 * body is only pointed at until the event ends. Confined to one thread; single use.
 *
 * <pre>
 *   event = count:1 byte, or more from 64 on; { name value }; 0; bodyLength body
 * </pre>
 */
final class EventWriter {
  /** Room in front for the number of events, which is known at the end. */
  private static final int COUNT_ROOM_BYTES = 5;

  /** Most entries whose number takes one byte. */
  private static final int MAX_SHORT_COUNT = 63;

  private static final byte[] NO_BODY = {};

  private byte[] out;
  private int at = COUNT_ROOM_BYTES;
  private int events;
  private int eventStart;
  private int entries;
  private byte[] body = NO_BODY;
  private int bodyOffset;
  private int bodyBytes;

  /** With room for about so many bytes. */
  EventWriter(int expectedBytes) {
    out = new byte[Math.max(64, expectedBytes) + COUNT_ROOM_BYTES + 2];
  }

  void beginEvent() {
    eventStart = at;
    beginHeaders();
    body = NO_BODY;
    bodyOffset = 0;
    bodyBytes = 0;
  }

  /** Of headers that come twice the later ones count. */
  void beginHeaders() {
    at = eventStart + 1;
    entries = 0;
  }

  void header(
      byte[] name, int nameOffset, int nameBytes, byte[] value, int valueOffset, int valueBytes) {
    ensure(2L * AvroBinary.MAX_LONG_BYTES + nameBytes + valueBytes);
    writeBytes(name, nameOffset, nameBytes);
    writeBytes(value, valueOffset, valueBytes);
    entries++;
  }

  /** The array must keep its content until the event ends. */
  void body(byte[] array, int offset, int bytes) {
    body = array;
    bodyOffset = offset;
    bodyBytes = bytes;
  }

  void endEvent() {
    ensure(3L * AvroBinary.MAX_LONG_BYTES + bodyBytes);
    if (entries == 0) {
      // The count of no entries is the end of the map.
      out[eventStart] = 0;
      at = eventStart + 1;
    } else {
      writeCount();
      out[at++] = 0;
    }
    writeBytes(body, bodyOffset, bodyBytes);
    events++;
  }

  private void writeCount() {
    if (entries > MAX_SHORT_COUNT) {
      int more = AvroBinary.longBytes(entries) - 1;
      System.arraycopy(out, eventStart + 1, out, eventStart + 1 + more, at - eventStart - 1);
      at += more;
    }
    AvroBinary.writeLong(entries, out, eventStart);
  }

  private void writeBytes(byte[] source, int offset, int bytes) {
    at = AvroBinary.writeLong(bytes, out, at);
    System.arraycopy(source, offset, out, at, bytes);
    at += bytes;
  }

  /** Nothing can be written after this. */
  EventBatch build() {
    if (events == 0) {
      return EventBatch.EMPTY;
    }
    ensure(1);
    out[at++] = 0;
    int start = COUNT_ROOM_BYTES - AvroBinary.longBytes(events);
    AvroBinary.writeLong(events, out, start);
    // Batches are kept for long; their slack would be too.
    byte[] array = out.length - at > at / 8 + 64 ? Arrays.copyOf(out, at) : out;
    return EventBatch.ofChecked(array, start, at - start, events);
  }

  private void ensure(long more) {
    long needed = at + more + 1;
    if (needed > out.length) {
      long grown = out.length + out.length / 2 + 64L;
      out = Arrays.copyOf(out, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, grown)));
    }
  }
}
