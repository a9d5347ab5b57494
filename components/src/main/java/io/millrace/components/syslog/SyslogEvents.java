/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.HeaderBuffer;
import io.millrace.components.syslog.KeptFields.Field;
import io.millrace.components.syslog.SyslogFields.Form;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Makes an event of each message, straight from its bytes: headers as Flume names them, and the
 * body. A message that cannot be read is an event, too. Confined to one thread.
 */
final class SyslogEvents {
  static final String STATUS = "flume.syslog.status";

  private static final EncodedHeaders INVALID = EncodedHeaders.of(Map.of(STATUS, "Invalid"));
  private static final EncodedHeaders INCOMPLETE = EncodedHeaders.of(Map.of(STATUS, "Incomplete"));
  private static final byte[] TIMESTAMP = "timestamp".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HOST = "host".getBytes(StandardCharsets.US_ASCII);
  private static final int PRIORITIES = 192;
  private static final int DIGITS = 10;

  /** Priority and version with their marks, and a blank behind each field. */
  private static final int KEPT_EXTRA_BYTES = 16;

  /** Digits of a long, with a sign. */
  private static final int MAX_LONG_CHARS = 20;

  private final SyslogDialect dialect;
  private final KeptFields kept;
  private final SyslogParser parser;
  private final Optional<CustomFormat> custom;
  private final SyslogFields fields = new SyslogFields();
  private final HeaderBuffer headers = new HeaderBuffer();
  private final EncodedHeaders unknown;
  private final EncodedHeaders[] priorities = new EncodedHeaders[PRIORITIES];
  private final EncodedHeaders[] versions = new EncodedHeaders[DIGITS];
  private final byte[] number = new byte[MAX_LONG_CHARS];
  private byte[] body = new byte[0];
  private long malformed;

  SyslogEvents(
      SyslogDialect dialect,
      KeptFields kept,
      SyslogTimestamps timestamps,
      Optional<CustomFormat> custom) {
    this.dialect = dialect;
    this.kept = kept;
    this.parser = new SyslogParser(dialect, timestamps);
    this.custom = custom;
    this.unknown =
        dialect == SyslogDialect.SINGLE
            ? EncodedHeaders.of(Map.of("Facility", "0", "Severity", "0"))
            : EncodedHeaders.NONE;
    for (int version = 0; version < DIGITS; version++) {
      versions[version] =
          EncodedHeaders.of(Map.of(dialect.versionHeader(), Integer.toString(version)));
    }
  }

  /** Messages that could not be read to their end since the last call. */
  long takeMalformed() {
    long taken = malformed;
    malformed = 0;
    return taken;
  }

  /**
   * Adds the event of a message.
   *
   * @param isCut whether bytes are missing at the end of the message
   * @param charset of the message; its ASCII characters are those of ASCII
   * @param client headers that every event of this client has
   */
  void add(
      byte[] array,
      int offset,
      int length,
      boolean isCut,
      Charset charset,
      EncodedHeaders client,
      EventBatch.Builder batch) {
    headers.clear();
    if (custom.isPresent() && addCustom(array, offset, length, isCut, client, batch)) {
      return;
    }
    parser.parse(array, offset, length, fields);
    boolean isInvalid =
        fields.form == Form.UNKNOWN
            || (fields.form == Form.ONLY_PRIORITY && dialect == SyslogDialect.MULTIPORT);
    if (fields.form != Form.PARSED) {
      malformed++;
    }
    switch (fields.form) {
      case PARSED -> addFields(array, charset);
      case ONLY_PRIORITY ->
          headers.add(
              dialect == SyslogDialect.SINGLE ? priority(fields.priority) : EncodedHeaders.NONE);
      case UNKNOWN -> headers.add(unknown);
    }
    addStatus(isInvalid, isCut);
    headers.add(client);
    if (fields.form != Form.PARSED || kept.isAll()) {
      batch.add(headers, array, offset, length);
    } else if (kept.isNone()) {
      batch.add(headers, array, fields.bodyStart, offset + length - fields.bodyStart);
    } else {
      addWithKept(array, offset + length, batch);
    }
  }

  private void addStatus(boolean isInvalid, boolean isCut) {
    if (isInvalid) {
      headers.add(INVALID);
    } else if (isCut) {
      headers.add(INCOMPLETE);
    }
  }

  private EncodedHeaders priority(int priority) {
    EncodedHeaders known = priorities[priority];
    if (known == null) {
      Map<String, String> of = new LinkedHashMap<>();
      of.put("Facility", Integer.toString(priority / 8));
      of.put("Severity", Integer.toString(priority % 8));
      of.put(dialect.priorityHeader(), Integer.toString(priority));
      known = EncodedHeaders.of(of);
      priorities[priority] = known;
    }
    return known;
  }

  private void addFields(byte[] array, Charset charset) {
    headers.add(priority(fields.priority));
    if (fields.version != SyslogFields.NO_VERSION) {
      headers.add(versions[fields.version]);
    }
    if (fields.hasTimestamp) {
      int start = writeNumber(fields.timestampMillis);
      headers.add(TIMESTAMP, number, start, MAX_LONG_CHARS - start);
    }
    int hostBytes = fields.hostEnd - fields.hostStart;
    if (hostBytes > 0 && fields.isHostAscii) {
      headers.add(HOST, array, fields.hostStart, hostBytes);
    } else if (hostBytes > 0) {
      String text = new String(array, fields.hostStart, hostBytes, charset);
      byte[] host = text.getBytes(StandardCharsets.UTF_8);
      headers.add(HOST, host, 0, host.length);
    }
  }

  private int writeNumber(long value) {
    long left = Math.abs(value);
    int at = MAX_LONG_CHARS;
    do {
      number[--at] = (byte) ('0' + left % 10);
      left /= 10;
    } while (left > 0);
    if (value < 0) {
      number[--at] = '-';
    }
    return at;
  }

  private void addWithKept(byte[] array, int limit, EventBatch.Builder batch) {
    int rest = limit - fields.bodyStart;
    int most = limit - fields.timestampStart + KEPT_EXTRA_BYTES;
    if (body.length < most) {
      body = new byte[Math.max(most, 2 * body.length)];
    }
    int at = 0;
    if (kept.has(Field.PRIORITY)) {
      body[at++] = '<';
      int start = writeNumber(fields.priority);
      at = append(number, start, MAX_LONG_CHARS, at);
      body[at++] = '>';
    }
    if (kept.has(Field.VERSION) && fields.version != SyslogFields.NO_VERSION) {
      body[at++] = (byte) ('0' + fields.version);
      body[at++] = ' ';
    }
    if (kept.has(Field.TIMESTAMP)) {
      at = append(array, fields.timestampStart, fields.timestampEnd, at);
      body[at++] = ' ';
    }
    if (kept.has(Field.HOSTNAME) && fields.hostEnd > fields.hostStart) {
      at = append(array, fields.hostStart, fields.hostEnd, at);
      body[at++] = ' ';
    }
    System.arraycopy(array, fields.bodyStart, body, at, rest);
    batch.add(headers, body, 0, at + rest);
  }

  private int append(byte[] array, int from, int end, int at) {
    System.arraycopy(array, from, body, at, end - from);
    return at + end - from;
  }

  private boolean addCustom(
      byte[] array,
      int offset,
      int length,
      boolean isCut,
      EncodedHeaders client,
      EventBatch.Builder batch) {
    Optional<CustomFormat.Message> read =
        custom.orElseThrow().read(new String(array, offset, length, StandardCharsets.UTF_8));
    if (read.isEmpty()) {
      return false;
    }
    CustomFormat.Message message = read.get();
    headers.add(message.headers(dialect));
    addStatus(false, isCut);
    headers.add(client);
    byte[] text =
        kept.isAll()
            ? Arrays.copyOfRange(array, offset, offset + length)
            : message.body(kept).getBytes(StandardCharsets.UTF_8);
    batch.add(headers, text, 0, text.length);
    return true;
  }
}
