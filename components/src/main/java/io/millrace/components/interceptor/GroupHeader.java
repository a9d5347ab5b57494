/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.interceptor;

import java.util.Optional;

/**
 * The header that one group of an expression becomes. Immutable.
 *
 * @param name of the header
 */
record GroupHeader(String name, Value value) {
  /** Makes a header's value of what a group matched. Safe for many threads. */
  @FunctionalInterface
  interface Value {
    /** Empty when nothing can be made of it. */
    Optional<String> of(String matched);
  }
}
