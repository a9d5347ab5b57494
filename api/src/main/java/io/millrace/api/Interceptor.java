/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Changes or drops events on their way from a source to its channels. Called by many threads at
 * once; must be safe for that, must not block, and leaves the given batch as it is.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Interceptor {
  /** The events that go on, possibly none. */
  EventBatch intercept(EventBatch batch);
}
