/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How the text of one value is read. Implementations are immutable. */
public interface ValueType {
  /** One word or two for the manual: {@code number}, {@code duration}. */
  String label();

  /** Reads a trimmed text; {@code home} is what {@code ~} means in a path. */
  Object read(String text, Path home) throws UnusableValueException;

  /** The values there are, when they can be listed. */
  default List<String> allowed() {
    return List.of();
  }

  /** What a user should know about a text that can be read, if anything. */
  default Optional<String> remark(String text) {
    return Optional.empty();
  }
}
