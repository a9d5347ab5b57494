/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/**
 * The unit of flow: an immutable, contiguous run of events in Avro binary, encoded as the array
 * that {@code appendBatch} carries on the wire.
 *
 * <pre>
 *   batch  = { block } 0
 *   block  = count event*        count &gt; 0, or -count sizeBytes
 *   event  = { mapBlock } 0 bodyLength body
 * </pre>
 *
 * <p>Ownership: an EventBatch is immutable from the moment it is built; anyone may keep it; nobody
 * releases it. Whoever hands an array to {@link #parse} gives it away. Immutable.
 *
 * @since 0.1
 */
public final class EventBatch implements Iterable<EventView> {
  /** What a batch should grow to before it travels, where a component can choose. */
  public static final int TARGET_BYTES = 128 * 1024;

  /** A batch of no events. */
  public static final EventBatch EMPTY = new EventBatch(new byte[] {0}, 0, 1, 0);

  private final byte[] array;
  private final int offset;
  private final int length;
  private final int eventCount;

  private EventBatch(byte[] array, int offset, int length, int eventCount) {
    this.array = array;
    this.offset = offset;
    this.length = length;
    this.eventCount = eventCount;
  }

  /**
   * Takes over encoded bytes, checking every length in them once.
   *
   * @throws MalformedBatchException when they are not exactly one encoded array of events
   */
  public static EventBatch parse(byte[] array, int offset, int length)
      throws MalformedBatchException {
    Objects.checkFromIndexSize(offset, length, array.length);
    int eventCount = BatchScanner.countEvents(array, offset, offset + length);
    return new EventBatch(array, offset, length, eventCount);
  }

  /**
   * Takes over bytes that are known to be one encoded array of {@code eventCount} events, because a
   * batch of this process lent them: nothing is checked. For a channel that keeps a batch's bytes
   * and hands them out again; bytes from anywhere else go through {@link #parse}.
   */
  public static EventBatch ofChecked(byte[] array, int offset, int length, int eventCount) {
    Objects.checkFromIndexSize(offset, length, array.length);
    return new EventBatch(array, offset, length, eventCount);
  }

  /** As {@link #parse(byte[], int, int)}, over a whole array. */
  public static EventBatch parse(byte[] array) throws MalformedBatchException {
    return parse(array, 0, array.length);
  }

  /**
   * A batch of the one event whose encoding is given; its bytes are copied.
   *
   * @throws MalformedBatchException when they are not exactly one encoded event
   */
  public static EventBatch parseEvent(byte[] array, int offset, int length)
      throws MalformedBatchException {
    Objects.checkFromIndexSize(offset, length, array.length);
    BatchScanner.checkEvent(array, offset, offset + length);
    byte[] bytes = new byte[length + 2];
    bytes[0] = 2;
    System.arraycopy(array, offset, bytes, 1, length);
    return new EventBatch(bytes, 0, bytes.length, 1);
  }

  /** A batch of one event. */
  public static EventBatch of(java.util.Map<String, String> headers, byte[] body) {
    return builder().add(EncodedHeaders.of(headers), body).build();
  }

  public static Builder builder() {
    return new Builder(512);
  }

  /** A builder with room for about {@code expectedBytes}. */
  public static Builder builder(int expectedBytes) {
    return new Builder(expectedBytes);
  }

  /** All events of the batches in their order; copies whole blocks, looks at no event. */
  public static EventBatch join(List<EventBatch> batches) {
    if (batches.size() == 1) {
      return batches.get(0);
    }
    long bytes = 1;
    int events = 0;
    for (EventBatch batch : batches) {
      bytes += batch.length - 1;
      events = Math.addExact(events, batch.eventCount);
    }
    byte[] joined = new byte[Math.toIntExact(bytes)];
    int at = 0;
    for (EventBatch batch : batches) {
      System.arraycopy(batch.array, batch.offset, joined, at, batch.length - 1);
      at += batch.length - 1;
    }
    return new EventBatch(joined, 0, joined.length, events);
  }

  public int eventCount() {
    return eventCount;
  }

  public boolean isEmpty() {
    return eventCount == 0;
  }

  /** Length of the encoding in bytes. */
  public int encodedBytes() {
    return length;
  }

  /** The encoding, read-only. */
  public ByteBuffer encoded() {
    return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
  }

  /** Copies the encoding to {@code target} from {@code targetOffset}. */
  public void copyTo(byte[] target, int targetOffset) {
    System.arraycopy(array, offset, target, targetOffset, length);
  }

  /** Writes the encoding. */
  public void writeTo(OutputStream target) throws IOException {
    target.write(array, offset, length);
  }

  /**
   * Lends the encoding to {@code reader} without a copy, for code that moves bytes in bulk. The
   * reader must not write to the array.
   */
  public <T> T lend(BytesReader<T> reader) {
    return reader.read(array, offset, length);
  }

  /** What {@link #lend} calls. */
  @FunctionalInterface
  public interface BytesReader<T> {
    T read(byte[] array, int offset, int length);
  }

  /**
   * The events in order. One view is moved along: it is valid until the iterator's next call, and
   * walking allocates nothing per event.
   */
  @Override
  public Iterator<EventView> iterator() {
    return new EventView.Cursor(array, offset, eventCount);
  }

  /** The events {@code [fromIndex, toIndex)}; their bytes are copied unless that is all of them. */
  public EventBatch slice(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, eventCount);
    if (fromIndex == 0 && toIndex == eventCount) {
      return this;
    }
    if (fromIndex == toIndex) {
      return EMPTY;
    }
    long estimate = (long) length * (toIndex - fromIndex) / eventCount + 64;
    Builder slice = new Builder((int) Math.min(estimate, length));
    int index = 0;
    for (EventView event : this) {
      if (index >= toIndex) {
        break;
      }
      if (index >= fromIndex) {
        slice.add(event);
      }
      index++;
    }
    return slice.build();
  }

  /**
   * The events in pieces, each ending before one of the given indexes, the last one at the end;
   * copied in one pass.
   *
   * @param indexes rising, above 0 and below the number of events
   */
  public List<EventBatch> cut(int... indexes) {
    List<EventBatch> pieces = new ArrayList<>(indexes.length + 1);
    Iterator<EventView> events = iterator();
    int from = 0;
    for (int i = 0; i <= indexes.length; i++) {
      int to = i < indexes.length ? indexes[i] : eventCount;
      if (to <= from || to > eventCount) {
        throw new IllegalArgumentException(
            "index: " + to + " (expected: above " + from + ", below " + eventCount + ")");
      }
      long estimate = (long) length * (to - from) / eventCount + 64;
      Builder piece = new Builder((int) Math.min(estimate, length));
      for (; from < to; from++) {
        piece.add(events.next());
      }
      pieces.add(piece.build());
    }
    return pieces;
  }

  /** The same events, each with the header set as {@code conflict} says. */
  public EventBatch withHeader(String name, String value, HeaderConflict conflict) {
    if (isEmpty()) {
      return this;
    }
    byte[] entry = EncodedHeaders.entryBlock(name, value);
    long grown = (long) length + (long) eventCount * entry.length + AvroBinary.MAX_LONG_BYTES;
    Builder result = new Builder(Math.toIntExact(grown));
    boolean isChanged = false;
    for (EventView event : this) {
      if (conflict == HeaderConflict.KEEP_EXISTING && event.header(name) != null) {
        result.add(event);
      } else {
        result.addWithEntry(event, entry);
        isChanged = true;
      }
    }
    return isChanged ? result.build() : this;
  }

  /** Equal when the encodings are the same bytes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof EventBatch that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    return ByteBuffer.wrap(array, offset, length).hashCode();
  }

  @Override
  public String toString() {
    return "EventBatch[" + eventCount + " events, " + length + " bytes]";
  }

  /**
   * Collects events into one batch of one block. Confined to the thread that made it; single use.
   */
  public static final class Builder {
    /** Room in front for the block's count, whose length is known only at the end. */
    private static final int COUNT_ROOM_BYTES = 5;

    private byte[] bytes;
    private int at = COUNT_ROOM_BYTES;
    private int eventCount;

    private Builder(int expectedBytes) {
      bytes = new byte[Math.max(32, expectedBytes) + COUNT_ROOM_BYTES + 1];
    }

    /** Adds a copy of an event of another batch. */
    public Builder add(EventView event) {
      int eventBytes = event.encodedBytes();
      ensure(eventBytes);
      event.copyEncodedTo(bytes, at);
      at += eventBytes;
      eventCount++;
      return this;
    }

    /** Adds a copy of an event with one more map block at the end of its headers. */
    Builder addWithEntry(EventView event, byte[] entryBlock) {
      ensure(event.encodedBytes() + entryBlock.length);
      at = event.copyWithEntryTo(bytes, at, entryBlock);
      eventCount++;
      return this;
    }

    /** Adds a copy of an event with the header set, whatever it was. */
    public Builder add(EventView event, String headerName, String headerValue) {
      return addWithEntry(event, EncodedHeaders.entryBlock(headerName, headerValue));
    }

    /** Adds the headers of an event, as they are encoded, with another body. */
    public Builder add(EventView event, byte[] body) {
      int headerBytes = event.headerBytes();
      ensure(headerBytes + AvroBinary.MAX_LONG_BYTES + (long) body.length);
      at = event.copyHeadersTo(bytes, at);
      at = AvroBinary.writeLong(body.length, bytes, at);
      System.arraycopy(body, 0, bytes, at, body.length);
      at += body.length;
      eventCount++;
      return this;
    }

    public Builder add(EncodedHeaders headers, byte[] body) {
      return add(headers, body, 0, body.length);
    }

    public Builder add(EncodedHeaders headers, byte[] body, int bodyOffset, int bodyBytes) {
      Objects.checkFromIndexSize(bodyOffset, bodyBytes, body.length);
      ensure(headers.encodedBytes() + AvroBinary.MAX_LONG_BYTES + (long) bodyBytes);
      at = headers.copyTo(bytes, at);
      at = AvroBinary.writeLong(bodyBytes, bytes, at);
      System.arraycopy(body, bodyOffset, bytes, at, bodyBytes);
      at += bodyBytes;
      eventCount++;
      return this;
    }

    public Builder add(HeaderBuffer headers, byte[] body, int bodyOffset, int bodyBytes) {
      Objects.checkFromIndexSize(bodyOffset, bodyBytes, body.length);
      ensure(headers.encodedBytes() + AvroBinary.MAX_LONG_BYTES + (long) bodyBytes);
      at = headers.copyTo(bytes, at);
      at = AvroBinary.writeLong(bodyBytes, bytes, at);
      System.arraycopy(body, bodyOffset, bytes, at, bodyBytes);
      at += bodyBytes;
      eventCount++;
      return this;
    }

    public int eventCount() {
      return eventCount;
    }

    /** Length that the batch would have, give or take its count. */
    public int encodedBytes() {
      return at - COUNT_ROOM_BYTES + 2;
    }

    public EventBatch build() {
      if (eventCount == 0) {
        return EMPTY;
      }
      ensure(1);
      bytes[at] = 0;
      int start = COUNT_ROOM_BYTES - AvroBinary.longBytes(eventCount);
      AvroBinary.writeLong(eventCount, bytes, start);
      EventBatch batch = new EventBatch(bytes, start, at + 1 - start, eventCount);
      bytes = null;
      return batch;
    }

    private void ensure(long more) {
      long needed = at + more + 1;
      if (needed > bytes.length) {
        if (needed > Integer.MAX_VALUE - 16) {
          throw new RejectedException("batch of " + needed + " bytes (expected: less than 2 GiB)");
        }
        long doubled = Math.min(Integer.MAX_VALUE - 16, (long) bytes.length * 2);
        bytes = Arrays.copyOf(bytes, (int) Math.max(needed, doubled));
      }
    }
  }
}
