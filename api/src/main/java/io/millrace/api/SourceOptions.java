/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a source.
 *
 * @since 0.1
 */
public non-sealed interface SourceOptions extends ComponentOptions {
  /** Builds the source; opens nothing. */
  Source build(SourceContext context);
}
