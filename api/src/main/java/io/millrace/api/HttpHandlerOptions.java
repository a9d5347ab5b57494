/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of a handler of the http source.
 *
 * @since 0.1
 */
public non-sealed interface HttpHandlerOptions extends ComponentOptions {
  HttpHandler build();
}
