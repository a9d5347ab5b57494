/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ChannelOptions;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Definitions of toy components, changed step by step. Immutable. */
record ToyAgents(
    Map<String, ChannelDefinition> channels,
    Map<String, SourceDefinition> sources,
    Map<String, SinkDefinition> sinks,
    List<SinkGroupDefinition> groups) {
  static final ToyAgents EMPTY = new ToyAgents(Map.of(), Map.of(), Map.of(), List.of());

  /** To every channel of the source. */
  record ToAll() implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      return batch -> List.of(new Selector.Route(batch, new Selector.Targets(channels, List.of())));
    }
  }

  ToyAgents channel(String name, ToyChannel channel) {
    return channel(name, new ToyChannel.Options(channel));
  }

  ToyAgents channel(String name, ChannelOptions options) {
    return new ToyAgents(
        with(channels, name, new ChannelDefinition(name, "toy", options)), sources, sinks, groups);
  }

  ToyAgents source(String name, ToySource source, String... channelNames) {
    return source(name, source, List.of(), new ToAll(), channelNames);
  }

  ToyAgents source(
      String name,
      ToySource source,
      List<InterceptorDefinition> interceptors,
      SelectorOptions selector,
      String... channelNames) {
    SourceDefinition definition =
        new SourceDefinition(
            name,
            "toy",
            new ToySource.Options(source),
            interceptors,
            selector,
            List.of(channelNames));
    return new ToyAgents(channels, with(sources, name, definition), sinks, groups);
  }

  ToyAgents sink(String name, ToySink sink, String channel) {
    SinkDefinition definition =
        new SinkDefinition(name, "toy", new ToySink.Options(sink, 10), channel, 10);
    return new ToyAgents(channels, sources, with(sinks, name, definition), groups);
  }

  ToyAgents withGroups(List<SinkGroupDefinition> some) {
    return new ToyAgents(channels, sources, sinks, some);
  }

  /** Without the component, whatever it is. */
  ToyAgents without(String name) {
    return new ToyAgents(
        with(channels, name, null), with(sources, name, null), with(sinks, name, null), groups);
  }

  AgentDefinition definition() {
    return new AgentDefinition(
        "a1",
        List.copyOf(channels.values()),
        List.copyOf(sources.values()),
        List.copyOf(sinks.values()),
        groups);
  }

  private static <T> Map<String, T> with(Map<String, T> before, String name, T value) {
    Map<String, T> after = new LinkedHashMap<>(before);
    if (value == null) {
      after.remove(name);
    } else {
      after.put(name, value);
    }
    return after;
  }
}
