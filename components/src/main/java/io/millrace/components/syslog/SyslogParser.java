/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.components.syslog.SyslogFields.Form;

/**
 * Finds the fields of a message; what it cannot read stays a message, and nothing is thrown.
 *
 * <pre>
 *   message   = "&lt;" priority "&gt;" [version " "] timestamp " " host " " body
 *   priority  = 0 to 191
 *   version   = a digit
 *   timestamp = RFC 3164 ("Nov 23 05:09:19"), RFC 5424, or "-"
 *   host      = name, address, or "-"
 * </pre>
 *
 * <p>What RFC 5424 has behind the host (program, process, message id, structured data) is in the
 * body, and so is the tag of RFC 3164. Reads each byte at most twice and allocates nothing.
 * Confined to one thread.
 */
final class SyslogParser {
  private static final int MAX_PRIORITY = 191;

  /** As long as RFC 5424 lets a host be. */
  private static final int MAX_HOST_BYTES = 255;

  private final SyslogDialect dialect;
  private final SyslogTimestamps timestamps;

  SyslogParser(SyslogDialect dialect, SyslogTimestamps timestamps) {
    this.dialect = dialect;
    this.timestamps = timestamps;
  }

  void parse(byte[] array, int offset, int length, SyslogFields fields) {
    fields.reset(offset);
    int limit = offset + length;
    int at = priority(array, offset, limit, fields);
    if (at < 0) {
      return;
    }
    fields.form = Form.ONLY_PRIORITY;
    at = version(array, at, limit, fields);
    at = timestamp(array, at, limit, fields);
    if (at < 0 || at >= limit || array[at] != ' ') {
      return;
    }
    at = host(array, at + 1, limit, fields);
    if (at < 0) {
      return;
    }
    fields.bodyStart = at + 1;
    fields.form = Form.PARSED;
  }

  private static int priority(byte[] array, int offset, int limit, SyslogFields fields) {
    if (offset >= limit || array[offset] != '<') {
      return -1;
    }
    int value = 0;
    int at = offset + 1;
    for (; at < limit && isDigit(array[at]); at++) {
      value = value * 10 + array[at] - '0';
      if (at - offset > 3) {
        return -1;
      }
    }
    if (at == offset + 1 || at >= limit || array[at] != '>' || value > MAX_PRIORITY) {
      return -1;
    }
    fields.priority = value;
    return at + 1;
  }

  private int version(byte[] array, int from, int limit, SyslogFields fields) {
    if (from + 1 < limit
        && array[from + 1] == ' '
        && (dialect == SyslogDialect.MULTIPORT ? array[from] == '1' : isDigit(array[from]))) {
      fields.version = array[from] - '0';
      return from + 2;
    }
    return dialect == SyslogDialect.SINGLE && from < limit && array[from] == ' ' ? from + 1 : from;
  }

  /** Offset behind the time, or -1. */
  private int timestamp(byte[] array, int from, int limit, SyslogFields fields) {
    if (from >= limit) {
      return -1;
    }
    fields.timestampStart = from;
    if (array[from] == '-') {
      fields.timestampEnd = from + 1;
      // Flume's parsers disagree on what "unknown" means.
      fields.hasTimestamp = dialect == SyslogDialect.MULTIPORT;
      fields.timestampMillis = fields.hasTimestamp ? timestamps.nowMillis() : 0;
      return from + 1;
    }
    boolean isRead =
        isDigit(array[from])
            ? timestamps.readWithYear(array, from, limit)
            : timestamps.readWithoutYear(array, from, limit);
    if (!isRead) {
      return -1;
    }
    fields.hasTimestamp = true;
    fields.timestampMillis = timestamps.millis();
    fields.timestampEnd = timestamps.end();
    return timestamps.end();
  }

  /** Offset of the blank behind the host, or -1. */
  private int host(byte[] array, int from, int limit, SyslogFields fields) {
    int at = from;
    int mostOf = Math.min(limit, from + MAX_HOST_BYTES + 1);
    boolean isAscii = true;
    boolean isPlain = true;
    int colons = 0;
    for (; at < mostOf && array[at] != ' '; at++) {
      byte b = array[at];
      isAscii &= b >= 0;
      colons += b == ':' ? 1 : 0;
      isPlain &= isWord(b) || (at > from && (b == '.' || b == '@' || b == '-'));
    }
    if (at == mostOf || at == from) {
      return -1;
    }
    boolean isNil = at == from + 1 && array[from] == '-';
    // A word with a colon at its end is a tag: the sender gave no host.
    boolean isAddress = colons >= 2 && isAddress(array, from, at);
    if (dialect == SyslogDialect.SINGLE && !isNil && !isPlain && !isAddress) {
      return -1;
    }
    fields.hostStart = from;
    fields.hostEnd = isNil && dialect == SyslogDialect.SINGLE ? from : at;
    fields.isHostAscii = isAscii;
    return at;
  }

  /** Of IPv6, with dots where it ends as one of IPv4, and perhaps an interface behind a %. */
  private static boolean isAddress(byte[] array, int from, int end) {
    for (int at = from; at < end; at++) {
      byte b = array[at];
      if (b == '%') {
        return at > from;
      }
      boolean isHex = isDigit(b) || (b >= 'a' && b <= 'f') || (b >= 'A' && b <= 'F');
      if (!isHex && b != ':' && b != '.') {
        return false;
      }
    }
    return array[end - 1] != ':' || array[end - 2] == ':';
  }

  private static boolean isWord(byte b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || isDigit(b) || b == '_';
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
