/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.List;

/**
 * One line of a plan. Immutable.
 *
 * @param key for programs
 * @param what for people
 * @param formula with the numbers put in
 * @param constants names of the measured figures in it
 */
record Figure(
    String key, String what, double value, Unit unit, String formula, List<String> constants) {
  /** What a value counts. */
  enum Unit {
    EVENTS,
    EVENTS_PER_SECOND,
    BYTES,
    BYTES_PER_SECOND,
    BITS_PER_SECOND,
    MEBIBYTES,
    CORES,
    COUNT,
    SECONDS;

    String text(double value) {
      return switch (this) {
        case EVENTS, COUNT -> Units.plain(Math.ceil(value));
        case EVENTS_PER_SECOND -> Units.decimal(value, "").trim() + "/s";
        case BYTES -> Units.decimal(value, "B");
        case BYTES_PER_SECOND -> Units.decimal(value, "B/s");
        case BITS_PER_SECOND -> Units.decimal(value, "bit/s");
        case MEBIBYTES -> Units.mebibytes(value);
        case CORES -> value < 0.01 ? "below 0.01" : Units.plain(value);
        case SECONDS -> Units.seconds(value);
      };
    }
  }

  Figure {
    constants = List.copyOf(constants);
  }

  String text() {
    return unit.text(value);
  }
}
