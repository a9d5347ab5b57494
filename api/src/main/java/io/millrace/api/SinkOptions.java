/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a sink.
 *
 * @since 0.1
 */
public non-sealed interface SinkOptions extends ComponentOptions {
  /** Builds the sink; opens nothing. */
  Sink build(SinkContext context);

  /** Most events that the sink wants in one call. */
  int batchSize();
}
