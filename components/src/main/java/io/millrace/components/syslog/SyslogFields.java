/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

/**
 * Where the fields of a message are, filled by a {@link SyslogParser} and used again for the next
 * one: offsets into the array that was parsed; an end at or before its start stands for no field.
 * Confined to one thread.
 */
final class SyslogFields {
  /** What a message turned out to be. */
  enum Form {
    /** All fields are known, the body is what follows them. */
    PARSED,
    /** The priority alone is known, the body is the whole message. */
    ONLY_PRIORITY,
    /** Nothing is known, the body is the whole message. */
    UNKNOWN
  }

  static final int NO_VERSION = -1;

  Form form;
  int priority;
  int version;
  int timestampStart;
  int timestampEnd;
  boolean hasTimestamp;
  long timestampMillis;
  int hostStart;
  int hostEnd;
  boolean isHostAscii;
  int bodyStart;

  void reset(int offset) {
    form = Form.UNKNOWN;
    priority = 0;
    version = NO_VERSION;
    timestampStart = offset;
    timestampEnd = offset;
    hasTimestamp = false;
    timestampMillis = 0;
    hostStart = offset;
    hostEnd = offset;
    isHostAscii = true;
    bodyStart = offset;
  }
}
