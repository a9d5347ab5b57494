/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.Map;

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
        DeserializerOptions,
        HttpHandlerOptions,
        PathManagerOptions,
        SinkProcessorOptions,
        JmsConverterOptions {
  /**
   * Names of options that have no effect beside what the other options say, each with the reason in
   * a few words. Whoever sets one is answered with a warning, as with {@link Option#noEffect}.
   *
   * @since 0.1
   */
  default Map<String, String> ineffective() {
    return Map.of();
  }
}
