/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Interceptor;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
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
  private final Supervision supervision;
  private final RandomGenerator random;

  final Map<String, MeteredChannel> channels = new LinkedHashMap<>();
  final Map<String, Supervised> channelLives = new LinkedHashMap<>();
  final List<SourceOutput> outputs = new ArrayList<>();
  final List<Supervised> sourceLives = new ArrayList<>();
  final List<SinkRunner> runners = new ArrayList<>();
  final List<Supervised> sinkLives = new ArrayList<>();

  Wiring(
      AgentDefinition definition,
      AgentMetrics metrics,
      Supervision supervision,
      RandomGenerator random) {
    this.agent = definition.name();
    this.metrics = metrics;
    this.supervision = supervision;
    this.random = random;
    definition.channels().forEach(this::add);
    definition.sinks().forEach(this::add);
    definition.sources().forEach(this::add);
  }

  private void add(ChannelDefinition definition) {
    ComponentMetrics own = metrics.component(MetricKind.CHANNEL, definition.name());
    RestartableChannel built =
        new RestartableChannel(
            report ->
                definition
                    .options()
                    .build(new Contexts.OfChannel(agent, definition.name(), own, report)),
            supervision.outOfMemory());
    channels.put(definition.name(), new MeteredChannel(built, own));
    channelLives.put(
        definition.name(), supervised(own, List.of(), built::start, built::stop, built));
  }

  private Supervised supervised(
      ComponentMetrics own,
      List<Supervised> needs,
      Supervised.Step start,
      Supervised.Step stop,
      Watched watched) {
    return new Supervised(agent, own, needs, start, stop, watched, supervision, random);
  }

  private void add(SinkDefinition definition) {
    ComponentMetrics own = metrics.component(MetricKind.SINK, definition.name());
    RestartableSink sink =
        new RestartableSink(
            definition.name(),
            report ->
                definition
                    .options()
                    .build(
                        new Contexts.OfSink(
                            agent, definition.name(), own, definition.batchSize(), report)),
            supervision.outOfMemory(),
            own);
    SinkRunner runner =
        new SinkRunner(
            definition.name(),
            sink,
            channels.get(definition.channel()),
            definition.batchSize(),
            own,
            new ComponentThreads(agent, "sink", definition.name(), "runner"),
            random);
    runners.add(runner);
    sinkLives.add(
        supervised(
            own,
            List.of(channelLives.get(definition.channel())),
            () -> {
              sink.start();
              runner.start();
            },
            sink::stop,
            sink));
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
    RestartableSource source =
        new RestartableSource(
            (door, report) ->
                definition
                    .options()
                    .build(new Contexts.OfSource(agent, definition.name(), own, door, report)),
            output,
            targets,
            supervision.outOfMemory(),
            own);
    needs.removeIf(
        life ->
            definition.selector().optionalChannels(definition.channels()).stream()
                .anyMatch(optional -> channelLives.get(optional) == life));
    sourceLives.add(supervised(own, needs, source::start, source::stop, source));
  }
}
