/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * Options of what shares deliveries out among the sinks of a group. The engine has all there are; a
 * group is made one's own by a {@link SinkSelector}.
 *
 * @since 0.1
 */
public non-sealed interface SinkProcessorOptions extends ComponentOptions {}
