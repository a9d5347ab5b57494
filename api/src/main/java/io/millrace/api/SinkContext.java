/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * What a sink is built with.
 *
 * @since 0.1
 */
public interface SinkContext extends ComponentContext {
  /** Most events in one call of {@link Sink#deliver}, after the channel's limit. */
  int batchSize();
}
