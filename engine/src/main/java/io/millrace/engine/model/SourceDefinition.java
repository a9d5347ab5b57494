/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.SelectorOptions;
import io.millrace.api.SourceOptions;
import java.util.List;

/** A source, its interceptors in order, its selector and its channels. Immutable. */
public record SourceDefinition(
    String name,
    String type,
    SourceOptions options,
    List<InterceptorDefinition> interceptors,
    SelectorOptions selector,
    List<String> channels) {
  public SourceDefinition {
    interceptors = List.copyOf(interceptors);
    channels = List.copyOf(channels);
  }
}
