/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.AvroBinary;
import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Method;
import java.util.Arrays;

/**
 * Reads the arguments of a call into a batch, in one pass from Thrift's bytes to those of the
 * batch. Fields that are not of the protocol are skipped, also known ones of another type; of a
 * field that comes twice the last counts, as for Thrift's own readers. Memory: the batch, whose
 * array begins as long as the arguments and grows to at most twice what is read.
 *
 * <p>Confined to one thread; single use.
 */
final class BatchReader {
  private static final int ARGUMENT_ID = 1;
  private static final int EVENT_ARGUMENT = ThriftReader.field(WireType.STRUCT, ARGUMENT_ID);
  private static final int EVENTS_ARGUMENT = ThriftReader.field(WireType.LIST, ARGUMENT_ID);
  private static final int HEADERS = ThriftReader.field(WireType.MAP, 1);
  private static final int BODY = ThriftReader.field(WireType.STRING, 2);
  private static final int CATEGORY = ThriftReader.field(WireType.STRING, 1);

  /** A map block of one entry, as far as the value: count 1, length 8, name. */
  private static final byte[] CATEGORY_HEADER = {2, 16, 'c', 'a', 't', 'e', 'g', 'o', 'r', 'y'};

  /** Room for the count of a block, and for the end of the batch. */
  private static final int SPARE_BYTES = 2 * AvroBinary.MAX_LONG_BYTES;

  private final ThriftReader in;
  private byte[] out;
  private int at;

  private BatchReader(ThriftReader in) {
    this.in = in;
    this.out = new byte[in.remaining() + SPARE_BYTES];
  }

  /** The batch of the call whose arguments come next and are the rest of the message. */
  static EventBatch read(ThriftReader in, Method method) throws MalformedThriftException {
    return new BatchReader(in).arguments(method);
  }

  /** As the other, of Scribe's {@code Log}: the category becomes a header of that name. */
  static EventBatch readLog(ThriftReader in) throws MalformedThriftException {
    return new BatchReader(in).arguments(EVENTS_ARGUMENT, BatchReader::entries);
  }

  /** Reads an argument; the number of its events. */
  @FunctionalInterface
  private interface ArgumentReader {
    int read(BatchReader reader) throws MalformedThriftException;
  }

  private EventBatch arguments(Method method) throws MalformedThriftException {
    return method == Method.APPEND
        ? arguments(EVENT_ARGUMENT, BatchReader::event)
        : arguments(EVENTS_ARGUMENT, BatchReader::events);
  }

  private EventBatch arguments(int wanted, ArgumentReader reader) throws MalformedThriftException {
    int events = -1;
    for (int field = in.readField(0); field != 0; field = in.readField(field)) {
      if (field == wanted) {
        at = 0;
        events = reader.read(this);
      } else {
        in.skip(ThriftReader.typeOf(field));
      }
    }
    if (in.remaining() > 0) {
      throw new MalformedThriftException(
          in.remaining() + " bytes follow the arguments (expected: none)");
    }
    if (events < 0) {
      throw new MalformedThriftException("argument 1, the events: missing");
    }
    return events == 0 ? EventBatch.EMPTY : batch(events);
  }

  private int event() throws MalformedThriftException {
    writeLong(1);
    readEvent();
    return 1;
  }

  private int events() throws MalformedThriftException {
    int count = listOfStructs();
    for (int i = 0; i < count; i++) {
      readEvent();
    }
    return count;
  }

  private int entries() throws MalformedThriftException {
    int count = listOfStructs();
    for (int i = 0; i < count; i++) {
      readEntry();
    }
    return count;
  }

  private int listOfStructs() throws MalformedThriftException {
    int count = in.readList();
    if (count > 0 && in.elementType != WireType.STRUCT) {
      throw new MalformedThriftException(
          "elements of the list of events: type " + in.elementType + " (expected: struct)");
    }
    writeLong(count);
    return count;
  }

  /** Both fields may be missing: without a category there is no header, without a text no body. */
  private void readEntry() throws MalformedThriftException {
    int categoryOffset = -1;
    int categoryBytes = 0;
    int bodyOffset = 0;
    int bodyBytes = 0;
    for (int field = in.readField(0); field != 0; field = in.readField(field)) {
      if (field == CATEGORY) {
        categoryBytes = in.readLength();
        categoryOffset = in.take(categoryBytes);
      } else if (field == BODY) {
        bodyBytes = in.readLength();
        bodyOffset = in.take(bodyBytes);
      } else {
        in.skip(ThriftReader.typeOf(field));
      }
    }
    if (categoryOffset >= 0) {
      ensure(CATEGORY_HEADER.length);
      System.arraycopy(CATEGORY_HEADER, 0, out, at, CATEGORY_HEADER.length);
      at += CATEGORY_HEADER.length;
      writeBytes(categoryOffset, categoryBytes);
    }
    writeLong(0);
    writeBytes(bodyOffset, bodyBytes);
  }

  private void readEvent() throws MalformedThriftException {
    int start = at;
    boolean hasHeaders = false;
    int bodyOffset = -1;
    int bodyBytes = 0;
    for (int field = in.readField(0); field != 0; field = in.readField(field)) {
      if (field == HEADERS) {
        at = start;
        readHeaders();
        hasHeaders = true;
      } else if (field == BODY) {
        bodyBytes = in.readLength();
        bodyOffset = in.take(bodyBytes);
      } else {
        in.skip(ThriftReader.typeOf(field));
      }
    }
    if (!hasHeaders || bodyOffset < 0) {
      throw new MalformedThriftException(
          "event that ends at offset "
              + in.at
              + ": "
              + (hasHeaders ? "body" : "headers")
              + " missing (expected: headers and body)");
    }
    writeBytes(bodyOffset, bodyBytes);
  }

  private void readHeaders() throws MalformedThriftException {
    int count = in.readMap();
    if (count > 0) {
      if (in.keyType != WireType.STRING || in.elementType != WireType.STRING) {
        throw new MalformedThriftException(
            "headers: map of type "
                + in.keyType
                + " to type "
                + in.elementType
                + " (expected: string to string)");
      }
      writeLong(count);
      for (int i = 0; i < 2 * count; i++) {
        int bytes = in.readLength();
        writeBytes(in.take(bytes), bytes);
      }
    }
    writeLong(0);
  }

  private void writeLong(long value) {
    ensure(AvroBinary.MAX_LONG_BYTES);
    at = AvroBinary.writeLong(value, out, at);
  }

  private void writeBytes(int offset, int bytes) {
    ensure(AvroBinary.MAX_LONG_BYTES + (long) bytes);
    at = AvroBinary.writeLong(bytes, out, at);
    System.arraycopy(in.array, offset, out, at, bytes);
    at += bytes;
  }

  private void ensure(long more) {
    long needed = at + more + 1;
    if (needed > out.length) {
      long grown = out.length + out.length / 4 + 64L;
      out = Arrays.copyOf(out, (int) Math.min(Integer.MAX_VALUE - 16, Math.max(needed, grown)));
    }
  }

  /** What was written is the encoding of a batch, checked while it was read. */
  private EventBatch batch(int events) {
    out[at++] = 0;
    // Batches are kept for long; their slack would be too.
    byte[] array = out.length - at > at / 8 + 64 ? Arrays.copyOf(out, at) : out;
    return EventBatch.ofChecked(array, 0, at, events);
  }
}
