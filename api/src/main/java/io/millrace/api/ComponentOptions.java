/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * A record of options that builds a component; annotated with {@link Component}. The compact
 * constructor holds the rules between options and throws {@link ConfigurationException}.
 *
 * @since 0.1
 */
public sealed interface ComponentOptions
    permits SourceOptions,
        ChannelOptions,
        SinkOptions,
        InterceptorOptions,
        SelectorOptions,
        SerializerOptions,
        PathManagerOptions {}
