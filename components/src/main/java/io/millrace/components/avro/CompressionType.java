/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import java.util.Optional;

/** Whether the bytes of a connection are compressed; both sides must say the same. */
public enum CompressionType {
  NONE,
  DEFLATE;

  static final int DEFAULT_LEVEL = 6;

  /** {@code level} if there is compression. */
  Optional<Integer> level(int level) {
    return this == DEFLATE ? Optional.of(level) : Optional.empty();
  }
}
