/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * What a channel is built with.
 *
 * @since 0.1
 */
public interface ChannelContext extends ComponentContext {}
