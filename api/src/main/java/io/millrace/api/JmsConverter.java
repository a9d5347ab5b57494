/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Makes events of JMS messages. One instance a source. Confined to the thread that receives.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface JmsConverter {
  /**
   * The events of one message, in order; none when it is to be taken from the broker without one.
   *
   * @throws RejectedException when the message can never be converted: it is set aside at once
   * @throws Exception when it could not be converted this time: the source tries it again a few
   *     times and then sets it aside
   */
  EventBatch convert(JmsMessage message) throws Exception;
}
