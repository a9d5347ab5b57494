/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Events that a channel has lent out. Acknowledged events are gone; closing gives the others back,
 * to be delivered again in their order. Safe to settle from any one thread at a time.
 *
 * @since 0.1
 */
public interface Delivery extends AutoCloseable {
  EventBatch batch();

  /** Where the events stand in their journal. */
  Origin origin();

  /** Acknowledges every event. */
  void acknowledge();

  /** Acknowledges the events {@code [fromIndex, toIndex)} of the batch. */
  void acknowledge(int fromIndex, int toIndex);

  /** Gives back what is not acknowledged. Idempotent. */
  @Override
  void close();
}
