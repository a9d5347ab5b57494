/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.io.IOException;

/**
 * A record of version 2 (Flume 1.2 and older), big-endian, without a length or a checksum.
 * Stateless.
 *
 * <pre>
 *   7f deadbeef type int16, transaction int64, order int64, then
 *   PUT       header map, length int32 (-1: no body), body
 *   TAKE      position int32, file id int32
 *   COMMIT    int16
 *   ROLLBACK  nothing
 *
 *   header map  n byte, n * (byte, name length int16, name), count int32, count * (text text)
 *   text        8c, length as Hadoop variable int, UTF-8
 * </pre>
 */
final class V2Record {
  static final int OP = 0x7f;
  private static final int MAGIC = 0xdeadbeef;
  private static final int TEXT = 0x8c;
  private static final int FIXED_BYTES = 1 + 4 + 2 + 8 + 8;

  /** Smallest header: two empty texts. */
  private static final int MIN_HEADER_BYTES = 4;

  private final FileWindow file;
  private long at;

  private V2Record(FileWindow file, long position) {
    this.file = file;
    this.at = position;
  }

  /** Reads the record at that position and returns the position behind it. */
  static long parse(FileWindow file, int fileId, long position, LogRecord record)
      throws IOException, UndecodableException {
    return new V2Record(file, position).parse(fileId, position, record, null);
  }

  /** Writes the event of the PUT at that position and returns the position behind it. */
  static long decodeEvent(FileWindow file, long position, AvroEventWriter target)
      throws IOException, UndecodableException {
    LogRecord record = new LogRecord();
    return new V2Record(file, position).parse(0, position, record, target);
  }

  private long parse(int fileId, long position, LogRecord record, AvroEventWriter target)
      throws IOException, UndecodableException {
    file.ensure(position, FIXED_BYTES);
    if (file.byteAt(position) != OP || file.intAt(position + 1) != MAGIC) {
      throw new UndecodableException("it does not begin as a record of version 2");
    }
    record.type = file.shortAt(position + 5);
    record.transactionId = file.longAt(position + 7);
    record.orderId = file.longAt(position + 15);
    at = position + FIXED_BYTES;
    if (target != null && record.type != LogRecord.PUT) {
      throw new UndecodableException("a record of type " + record.type + " (expected: an event)");
    }
    switch (record.type) {
      case LogRecord.PUT -> {
        record.pointer = LogRecord.pointer(fileId, position);
        put(target);
      }
      case LogRecord.TAKE -> {
        record.pointer = LogRecord.pointer(file.intAt(at + 4), file.intAt(at) & 0xffffffffL);
        at += 8;
      }
      case LogRecord.ROLLBACK -> {}
      case LogRecord.COMMIT -> {
        file.ensure(at, 2);
        at += 2;
      }
      default -> throw new UndecodableException("a record of the unknown type " + record.type);
    }
    return at;
  }

  private void put(AvroEventWriter target) throws IOException, UndecodableException {
    int classes = (byte) file.byteAt(at++);
    for (int i = 0; i < classes; i++) {
      pass(3L + (file.shortAt(at + 1) & 0xffff));
    }
    int headers = file.intAt(at);
    at += 4;
    if (headers < 0 || headers > (file.fileBytes() - at) / MIN_HEADER_BYTES) {
      throw new UndecodableException("an event of " + headers + " headers");
    }
    if (target != null) {
      target.beginEvent(headers);
    }
    try {
      for (int i = 0; i < headers; i++) {
        text(target);
        text(target);
      }
      body(target);
    } catch (IOException | UndecodableException e) {
      if (target != null) {
        target.dropUnfinished();
      }
      throw e;
    }
  }

  private void text(AvroEventWriter target) throws IOException, UndecodableException {
    if (file.byteAt(at++) != TEXT) {
      throw new UndecodableException("a header that is no text");
    }
    long length = variableInt();
    file.requireInFile(at, length);
    if (target != null) {
      byte[] text = file.copy(at, (int) length);
      target.writeString(text, 0, text.length);
    }
    at += length;
  }

  private void body(AvroEventWriter target) throws IOException, UndecodableException {
    int length = Math.max(-1, file.intAt(at));
    at += 4;
    int bytes = Math.max(0, length);
    file.requireInFile(at, bytes);
    if (target != null) {
      byte[] body = file.copy(at, bytes);
      target.endEvent(body, 0, bytes);
    }
    at += bytes;
  }

  private long variableInt() throws IOException, UndecodableException {
    int first = (byte) file.byteAt(at++);
    if (first >= -112) {
      return first;
    }
    boolean isNegative = first < -120;
    int bytes = isNegative ? -120 - first : -112 - first;
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | file.byteAt(at++);
    }
    return isNegative ? ~value : value;
  }

  private void pass(long bytes) throws UndecodableException {
    file.requireInFile(at, bytes);
    at += bytes;
  }
}
