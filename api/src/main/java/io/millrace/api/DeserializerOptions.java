/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a deserializer.
 *
 * @since 0.1
 */
public non-sealed interface DeserializerOptions extends ComponentOptions {
  EventDeserializer.Factory build();
}
