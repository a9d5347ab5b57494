/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.nio.file.Path;

/**
 * Bytes of a file that had to be passed over. Immutable.
 *
 * @param position of the first of them
 * @param lengthBytes how many there are
 */
record Damage(Path file, long position, long lengthBytes, String what) {
  String message() {
    return file + ": " + lengthBytes + " bytes at position " + position + ": " + what;
  }
}
