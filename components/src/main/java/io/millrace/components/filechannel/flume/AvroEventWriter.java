/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.AvroBinary;
import io.millrace.api.EventBatch;
import io.millrace.api.InvariantViolation;
import io.millrace.api.MalformedBatchException;
import java.util.Arrays;

/**
 * Writes events as an array in Avro binary, from strings and bodies that are copied as they are:
 * headers are UTF-8 there as here. Confined to one thread; single use.
 *
 * <pre>  event = headerCount { name value } 0 body     without headerCount when there is none
 * </pre>
 */
final class AvroEventWriter {
  /** Room in front for the count of events, which is known only at the end. */
  private static final int COUNT_ROOM_BYTES = AvroBinary.MAX_LONG_BYTES;

  private byte[] bytes = new byte[4096];
  private int at = COUNT_ROOM_BYTES;
  private int eventCount;
  private int eventOffset = at;
  private int previousEventOffset = at;

  void beginEvent(int headerCount) {
    previousEventOffset = eventOffset;
    eventOffset = at;
    if (headerCount > 0) {
      writeLong(headerCount);
    }
  }

  /** A header's name or value. */
  void writeString(byte[] source, int offset, int length) {
    writeLong(length);
    ensure(length);
    System.arraycopy(source, offset, bytes, at, length);
    at += length;
  }

  void endEvent(byte[] body, int offset, int length) {
    writeLong(0);
    writeString(body, offset, length);
    eventCount++;
  }

  /** Leaves out what was written since {@link #beginEvent}. */
  void dropUnfinished() {
    at = eventOffset;
    eventOffset = previousEventOffset;
  }

  /** Leaves out the last event. */
  void dropLast() {
    eventCount--;
    dropUnfinished();
  }

  int eventCount() {
    return eventCount;
  }

  int encodedBytes() {
    return at - COUNT_ROOM_BYTES;
  }

  EventBatch build() {
    ensure(1);
    bytes[at++] = 0;
    int start = COUNT_ROOM_BYTES - AvroBinary.longBytes(eventCount);
    AvroBinary.writeLong(eventCount, bytes, start);
    try {
      return EventBatch.parse(bytes, start, at - start);
    } catch (MalformedBatchException e) {
      throw new InvariantViolation("events written as Avro: " + e.getMessage());
    }
  }

  private void writeLong(long value) {
    ensure(AvroBinary.MAX_LONG_BYTES);
    at = AvroBinary.writeLong(value, bytes, at);
  }

  private void ensure(int more) {
    long needed = (long) at + more;
    if (needed > bytes.length) {
      long doubled = Math.min(Integer.MAX_VALUE - 16, bytes.length * 2L);
      bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(needed, doubled)));
    }
  }
}
