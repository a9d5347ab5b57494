/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.util.zip.CRC32;

/**
 * The payload of a record of version 3: three protobuf messages, each preceded by its length as a
 * varint. Stateless.
 *
 * <pre>
 *   header    1 type fixed32, 2 transaction fixed64, 3 order fixed64
 *   PUT       1 event { 1 header { 1 name, 2 value } *, 2 body }, 2 CRC-32 of the body fixed64
 *   TAKE      1 file id fixed32, 2 position fixed32
 *   COMMIT    1 type fixed32
 *   ROLLBACK  nothing
 *   footer    nothing, that is a single byte 0
 * </pre>
 */
final class V3Payload {
  /** Of all but a rollback: an event without headers and body. */
  private static final int MIN_BODY_BYTES = 4;

  private V3Payload() {}

  /**
   * Reads what the replay needs, and checks that the three messages fill the payload. Of a PUT the
   * event itself is not looked at.
   *
   * @param available how many of the payload's bytes there are from {@code offset}: all, or enough
   *     for everything but the event
   * @param length of the payload
   */
  static void parse(byte[] array, int offset, int available, int length, LogRecord record)
      throws UndecodableException {
    ProtoCursor payload = new ProtoCursor(array, offset, offset + available);
    parseHeader(payload.nested(), record);
    long bodyBytes = payload.nestedLength();
    int bodyOffset = payload.offset();
    if (bodyBytes < 0 || bodyOffset - offset + bodyBytes + 1 != length) {
      throw new UndecodableException(
          "a body of " + bodyBytes + " bytes does not fill its payload of " + length + " bytes");
    }
    if (available == length && array[offset + length - 1] != 0) {
      throw new UndecodableException("the end of the payload is missing");
    }
    if (record.type == LogRecord.ROLLBACK ? bodyBytes != 0 : bodyBytes < MIN_BODY_BYTES) {
      throw new UndecodableException(
          "a body of " + bodyBytes + " bytes in a record of type " + record.type);
    }
    if (record.type == LogRecord.TAKE) {
      if (available < length) {
        throw new UndecodableException("a take of " + length + " bytes");
      }
      int bodyLimit = Math.toIntExact(bodyOffset + bodyBytes);
      parseTake(new ProtoCursor(array, bodyOffset, bodyLimit), record);
    }
  }

  private static void parseHeader(ProtoCursor header, LogRecord record)
      throws UndecodableException {
    record.type = 0;
    int fields = 0;
    while (header.next()) {
      if (header.is(1, ProtoCursor.FIXED_32)) {
        record.type = header.fixed32();
        fields |= 1;
      } else if (header.is(2, ProtoCursor.FIXED_64)) {
        record.transactionId = header.fixed64();
        fields |= 2;
      } else if (header.is(3, ProtoCursor.FIXED_64)) {
        record.orderId = header.fixed64();
        fields |= 4;
      } else {
        header.skip();
      }
    }
    if (fields != 7 || record.type < LogRecord.PUT || record.type > LogRecord.COMMIT) {
      throw new UndecodableException("its header is not whole (type " + record.type + ")");
    }
  }

  private static void parseTake(ProtoCursor take, LogRecord record) throws UndecodableException {
    int fileId = 0;
    int position = -1;
    while (take.next()) {
      if (take.is(1, ProtoCursor.FIXED_32)) {
        fileId = take.fixed32();
      } else if (take.is(2, ProtoCursor.FIXED_32)) {
        position = take.fixed32();
      } else {
        take.skip();
      }
    }
    if (fileId < 1 || position < 0) {
      throw new UndecodableException("it takes the event " + position + " of file " + fileId);
    }
    record.pointer = LogRecord.pointer(fileId, position);
  }

  /** Writes the event of a PUT, whose payload is there in full. */
  static void decodeEvent(byte[] array, int offset, int length, AvroEventWriter target)
      throws UndecodableException {
    LogRecord record = new LogRecord();
    parse(array, offset, length, length, record);
    if (record.type != LogRecord.PUT) {
      throw new UndecodableException(
          "a record of type " + record.type + " (expected: " + LogRecord.PUT + ", an event)");
    }
    ProtoCursor payload = new ProtoCursor(array, offset, offset + length);
    payload.nested();
    ProtoCursor put = payload.nested();
    ProtoCursor event = null;
    boolean hasChecksum = false;
    long expectedCrc = 0;
    while (put.next()) {
      if (put.is(1, ProtoCursor.LENGTH_DELIMITED)) {
        event = put.nested();
      } else if (put.is(2, ProtoCursor.FIXED_64)) {
        expectedCrc = put.fixed64();
        hasChecksum = true;
      } else {
        put.skip();
      }
    }
    if (event == null) {
      throw new UndecodableException("a put without an event");
    }
    ProtoCursor body = bodyOf(array, event);
    if (hasChecksum) {
      checkCrc(array, body, expectedCrc);
    }
    write(array, event, body, target);
  }

  private static ProtoCursor bodyOf(byte[] array, ProtoCursor event) throws UndecodableException {
    ProtoCursor fields = new ProtoCursor(array, event.offset(), event.limit());
    ProtoCursor body = null;
    while (fields.next()) {
      if (fields.is(2, ProtoCursor.LENGTH_DELIMITED)) {
        body = fields.nested();
      } else {
        fields.skip();
      }
    }
    if (body == null) {
      throw new UndecodableException("an event without a body");
    }
    return body;
  }

  private static void checkCrc(byte[] array, ProtoCursor body, long expected)
      throws UndecodableException {
    CRC32 crc = new CRC32();
    crc.update(array, body.offset(), body.limit() - body.offset());
    if (crc.getValue() != expected) {
      throw new UndecodableException(
          "the body has CRC-32 %08x (expected: %08x)".formatted(crc.getValue(), expected));
    }
  }

  private static void write(
      byte[] array, ProtoCursor event, ProtoCursor body, AvroEventWriter target)
      throws UndecodableException {
    ProtoCursor counted = new ProtoCursor(array, event.offset(), event.limit());
    int headerCount = 0;
    while (counted.next()) {
      headerCount += counted.is(1, ProtoCursor.LENGTH_DELIMITED) ? 1 : 0;
      counted.skip();
    }
    target.beginEvent(headerCount);
    try {
      while (event.next()) {
        if (event.is(1, ProtoCursor.LENGTH_DELIMITED)) {
          writeHeader(array, event.nested(), target);
        } else {
          event.skip();
        }
      }
    } catch (UndecodableException e) {
      target.dropUnfinished();
      throw e;
    }
    target.endEvent(array, body.offset(), body.limit() - body.offset());
  }

  private static void writeHeader(byte[] array, ProtoCursor header, AvroEventWriter target)
      throws UndecodableException {
    ProtoCursor name = null;
    ProtoCursor value = null;
    while (header.next()) {
      if (header.is(1, ProtoCursor.LENGTH_DELIMITED)) {
        name = header.nested();
      } else if (header.is(2, ProtoCursor.LENGTH_DELIMITED)) {
        value = header.nested();
      } else {
        header.skip();
      }
    }
    if (name == null) {
      throw new UndecodableException("a header without a name");
    }
    target.writeString(array, name.offset(), name.limit() - name.offset());
    if (value == null) {
      target.writeString(array, 0, 0);
    } else {
      target.writeString(array, value.offset(), value.limit() - value.offset());
    }
  }
}
