/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

/**
 * How far a file was delivered. Immutable.
 *
 * @param path below the directory
 * @param facts of the file as it was read; null for a position of Flume's, which has none
 * @param mark of the deserializer
 * @param events delivered behind the mark
 * @param isFinished whether all of it was delivered
 */
record SavedPosition(String path, FileFacts facts, long mark, long events, boolean isFinished) {
  /** Names of the fields and their longest values, but for the path. */
  private static final int MAX_FIELDS_BYTES = 256;

  /** Most bytes that a position with this path takes in the position file. */
  static int maxEncodedBytes(String path) {
    int bytes = MAX_FIELDS_BYTES;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c)) {
        // A backslash, u and four digits.
        bytes += 6;
      } else {
        bytes += c < 0x80 ? 1 : 3;
      }
    }
    return bytes;
  }
}
