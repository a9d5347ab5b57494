/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.model.AgentDefinition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What an agent runs, by name; sink groups by their key. Immutable: a reload puts another one in
 * its place, which shares the units that stay.
 */
record Topology(
    AgentDefinition definition,
    Map<String, ChannelUnit> channels,
    Map<String, SinkUnit> sinks,
    Map<String, SourceUnit> sources) {
  Topology {
    channels = Collections.unmodifiableMap(new LinkedHashMap<>(channels));
    sinks = Collections.unmodifiableMap(new LinkedHashMap<>(sinks));
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
  }

  static Topology empty(String agent) {
    return new Topology(
        new AgentDefinition(agent, List.of(), List.of(), List.of()), Map.of(), Map.of(), Map.of());
  }

  List<ChannelUnit> channelsOf(Set<String> names) {
    return names.stream().map(channels::get).toList();
  }

  List<SinkUnit> sinksOf(Set<String> keys) {
    return keys.stream().map(sinks::get).toList();
  }

  List<SourceUnit> sourcesOf(Set<String> names) {
    return names.stream().map(sources::get).toList();
  }

  /** Whether a source has one of these channels. */
  boolean leadsTo(String source, Set<String> names) {
    return definition.sources().stream()
        .anyMatch(s -> s.name().equals(source) && s.channels().stream().anyMatch(names::contains));
  }

  /** Whether sinks append to it, too, so that it must take events until they have stopped. */
  boolean takesDeadLetters(ChannelUnit channel) {
    return definition.deadLetterChannels().contains(channel.name());
  }

  boolean hasSink(String channel) {
    return sinks.values().stream().anyMatch(unit -> unit.channels().contains(channel));
  }

  /** Events that only memory holds. */
  long volatileEventCount() {
    return channels.values().stream().mapToLong(ChannelUnit::volatileEventCount).sum();
  }

  boolean isTakingOver() {
    return channels.values().stream().anyMatch(ChannelUnit::isTakingOver);
  }

  List<ComponentMetrics> metrics() {
    List<ComponentMetrics> all = new ArrayList<>();
    channels.values().forEach(unit -> all.add(unit.metrics()));
    for (SinkUnit unit : sinks.values()) {
      unit.members().forEach(member -> all.add(member.metrics()));
      all.addAll(unit.groupMetrics());
    }
    sources.values().forEach(unit -> all.add(unit.metrics()));
    return all;
  }

  /** In the order of their start: channels, sinks, sources. */
  Stream<Supervised> lives() {
    return Stream.of(
            channels.values().stream().map(ChannelUnit::life),
            sinks.values().stream().flatMap(unit -> unit.members().stream().map(m -> m.life())),
            sources.values().stream().map(SourceUnit::life))
        .flatMap(lives -> lives);
  }
}
