/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

/**
 * The result of comparing followed files and store, in lines. Immutable.
 *
 * @param unknown lines in the store that are in none of the files any more
 */
record Tally(long read, long stored, long lost, long duplicated, long unknown) {
  static final Tally NONE = new Tally(0, 0, 0, 0, 0);

  Tally plus(Tally other) {
    return new Tally(
        read + other.read,
        stored + other.stored,
        lost + other.lost,
        duplicated + other.duplicated,
        unknown + other.unknown);
  }
}
