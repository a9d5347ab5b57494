/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Interceptor;
import io.millrace.api.Sink;
import io.millrace.api.Source;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Builds the components of an agent and connects them; starts nothing. Confined to the thread that
 * builds; the result is only read.
 */
final class Wiring {
  private final String agent;
  private final AgentMetrics metrics;
  private final RandomGenerator random;

  final Map<String, MeteredChannel> channels = new LinkedHashMap<>();
  final Map<String, Supervised> channelLives = new LinkedHashMap<>();
  final List<SourceOutput> outputs = new ArrayList<>();
  final List<Supervised> sourceLives = new ArrayList<>();
  final List<SinkRunner> runners = new ArrayList<>();
  final List<Supervised> sinkLives = new ArrayList<>();

  Wiring(AgentDefinition definition, AgentMetrics metrics, RandomGenerator random) {
    this.agent = definition.name();
    this.metrics = metrics;
    this.random = random;
    definition.channels().forEach(this::add);
    Map<String, SinkDefinition> sinks = new LinkedHashMap<>();
    definition.sinks().forEach(sink -> sinks.put(sink.name(), sink));
    definition.sinkGroups().forEach(group -> add(group, sinks));
    definition.sources().forEach(this::add);
  }

  private void add(ChannelDefinition definition) {
    ComponentMetrics own = metrics.component(MetricKind.CHANNEL, definition.name());
    Channel built =
        definition.options().build(new Contexts.OfChannel(agent, definition.name(), own));
    MeteredChannel channel = new MeteredChannel(built, own);
    channels.put(definition.name(), channel);
    channelLives.put(
        definition.name(), new Supervised(own, List.of(), channel::start, channel::stop, random));
  }

  private void add(SinkGroupDefinition group, Map<String, SinkDefinition> definitions) {
    List<SinkGroupRunners.Member> members =
        group.sinks().stream().map(definitions::get).map(this::member).toList();
    List<SinkRunner> ofGroup =
        SinkGroupRunners.of(
            group, members, name -> metrics.component(MetricKind.SINK_GROUP, name), random);
    for (int i = 0; i < members.size(); i++) {
      Sink sink = members.get(i).sink();
      SinkRunner runner = ofGroup.get(i);
      runners.add(runner);
      sinkLives.add(
          new Supervised(
              members.get(i).metrics(),
              List.of(channelLives.get(members.get(i).definition().channel())),
              () -> {
                sink.start();
                runner.start();
              },
              sink::stop,
              random));
    }
  }

  private SinkGroupRunners.Member member(SinkDefinition definition) {
    ComponentMetrics own = metrics.component(MetricKind.SINK, definition.name());
    Contexts.OfSink context =
        new Contexts.OfSink(agent, definition.name(), own, definition.batchSize());
    return new SinkGroupRunners.Member(
        definition,
        definition.options().build(context),
        channels.get(definition.channel()),
        own,
        context.threads("runner"));
  }

  private void add(SourceDefinition definition) {
    ComponentMetrics own = metrics.component(MetricKind.SOURCE, definition.name());
    List<Interceptor> interceptors = new ArrayList<>();
    for (InterceptorDefinition interceptor : definition.interceptors()) {
      String name = definition.name() + "." + interceptor.name();
      interceptors.add(interceptor.options().build(new Contexts.OfInterceptor(agent, name, own)));
    }
    Map<String, MeteredChannel> targets = new LinkedHashMap<>();
    List<Supervised> needs = new ArrayList<>();
    for (String channel : definition.channels()) {
      targets.put(channel, channels.get(channel));
      needs.add(channelLives.get(channel));
    }
    SourceOutput output =
        new SourceOutput(
            definition.name(),
            interceptors,
            definition.selector().build(definition.channels()),
            targets,
            own);
    outputs.add(output);
    Source source =
        definition.options().build(new Contexts.OfSource(agent, definition.name(), own, output));
    needs.removeIf(
        life ->
            definition.selector().optionalChannels(definition.channels()).stream()
                .anyMatch(optional -> channelLives.get(optional) == life));
    sourceLives.add(new Supervised(own, needs, source::start, source::stop, random));
  }
}
