/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import java.util.List;

/**
 * One agent, checked: every option bound, every name resolved. Components stand in the order of the
 * configuration. Immutable.
 */
public record AgentDefinition(
    String name,
    List<ChannelDefinition> channels,
    List<SourceDefinition> sources,
    List<SinkDefinition> sinks) {
  public AgentDefinition {
    channels = List.copyOf(channels);
    sources = List.copyOf(sources);
    sinks = List.copyOf(sinks);
  }
}
