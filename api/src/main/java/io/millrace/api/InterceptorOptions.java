/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of an interceptor.
 *
 * @since 0.1
 */
public non-sealed interface InterceptorOptions extends ComponentOptions {
  Interceptor build(ComponentContext context);
}
