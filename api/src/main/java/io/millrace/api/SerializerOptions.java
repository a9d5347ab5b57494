/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a serializer.
 *
 * @since 0.1
 */
public non-sealed interface SerializerOptions extends ComponentOptions {
  EventSerializer.Factory build();
}
