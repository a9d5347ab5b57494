/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a channel.
 *
 * @since 0.1
 */
public non-sealed interface ChannelOptions extends ComponentOptions {
  /** Builds the channel; opens nothing. */
  Channel build(ChannelContext context);

  /** Most events in one append or one delivery, known before the channel is opened. */
  int transactionCapacity();
}
