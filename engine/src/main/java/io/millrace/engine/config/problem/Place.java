/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

/** A line of a file, counted from 1; 0 is the file as a whole. Immutable. */
public record Place(String file, int line) {
  /** No file in particular. */
  public static final Place NOWHERE = new Place("", 0);

  public static Place of(String file) {
    return new Place(file, 0);
  }

  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line;
  }
}
