/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One agent, checked: every option bound, every name resolved. Components stand in the order of the
 * configuration. Immutable.
 *
 * @param sinkGroups those of the configuration, then one for each sink that stands in none: every
 *     sink is in exactly one
 */
public record AgentDefinition(
    String name,
    List<ChannelDefinition> channels,
    List<SourceDefinition> sources,
    List<SinkDefinition> sinks,
    List<SinkGroupDefinition> sinkGroups) {
  public AgentDefinition {
    channels = List.copyOf(channels);
    sources = List.copyOf(sources);
    sinks = List.copyOf(sinks);
    sinkGroups = SinkGroupDefinition.complete(sinkGroups, sinks);
  }

  /** An agent each of whose sinks stands alone. */
  public AgentDefinition(
      String name,
      List<ChannelDefinition> channels,
      List<SourceDefinition> sources,
      List<SinkDefinition> sinks) {
    this(name, channels, sources, sinks, List.of());
  }

  /** Names of the channels that get what sinks reject. */
  public Set<String> deadLetterChannels() {
    return sinks.stream()
        .flatMap(sink -> sink.deadLetterChannel().stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
