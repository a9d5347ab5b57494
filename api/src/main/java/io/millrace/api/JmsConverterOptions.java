/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of what makes events of JMS messages.
 *
 * @since 0.1
 */
public non-sealed interface JmsConverterOptions extends ComponentOptions {
  JmsConverter build();
}
