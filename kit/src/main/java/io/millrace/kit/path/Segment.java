/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** A part of a template. Immutable. */
sealed interface Segment {
  /** Text that stands in the template, or is known when it is compiled. */
  record Literal(String text) implements Segment {}

  /** The value of a header; nothing when there is none. */
  record Header(String name) implements Segment {}

  /** The event's time as its header has it, never rounded. */
  record Timestamp() implements Segment {}

  /** Seconds since 1970 of the rounded time. */
  record EpochSecond() implements Segment {}

  /** A field of the rounded time. */
  record Time(DateTimeFormatter format) implements Segment {
    String of(ZonedDateTime time) {
      return format.format(time);
    }
  }
}
