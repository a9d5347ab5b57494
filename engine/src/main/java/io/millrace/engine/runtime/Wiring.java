/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Interceptor;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SourceDefinition;
import io.millrace.engine.runtime.Assembly.NewRoute;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the components of an agent that a change asks for, and connects them with each other and
 * with those that stay; starts nothing, and touches nothing that runs. Confined to the thread that
 * builds.
 */
final class Wiring {
  private static final Logger log = LoggerFactory.getLogger(Wiring.class);

  private final String agent;
  private final AgentMetrics metrics;
  private final Supervision supervision;
  private final RandomGenerator random;
  private final AgentDefinition definition;
  private final TopologyChange change;
  private final Topology current;

  private final Map<String, ChannelUnit> channels = new LinkedHashMap<>();
  private final Map<String, SinkUnit> sinks = new LinkedHashMap<>();
  private final Map<String, SourceUnit> sources = new LinkedHashMap<>();
  private final Map<String, NewRoute> routes = new LinkedHashMap<>();

  /** What is built so far, to be freed when the rest cannot be. */
  private final List<Supervised> built = new ArrayList<>();

  private Wiring(
      AgentDefinition definition,
      TopologyChange change,
      Topology current,
      AgentMetrics metrics,
      Supervision supervision,
      RandomGenerator random) {
    this.agent = definition.name();
    this.definition = definition;
    this.change = change;
    this.current = current;
    this.metrics = metrics;
    this.supervision = supervision;
    this.random = random;
  }

  /**
   * Builds what {@code change} starts.
   *
   * @throws ConfigurationException when a component cannot be built as configured; then nothing is
   *     left of the others
   */
  static Assembly assemble(
      AgentDefinition definition,
      TopologyChange change,
      Topology current,
      AgentMetrics metrics,
      Supervision supervision,
      RandomGenerator random) {
    Wiring wiring = new Wiring(definition, change, current, metrics, supervision, random);
    try {
      return wiring.assemble();
    } catch (RuntimeException | Error e) {
      wiring.built.forEach(Supervised::stop);
      throw e;
    }
  }

  private Assembly assemble() {
    for (ChannelDefinition channel : definition.channels()) {
      String name = channel.name();
      boolean stays = change.channels().stay().contains(name);
      channels.put(name, stays ? current.channels().get(name) : build(channel));
    }
    GroupedSinks.byKey(definition)
        .forEach(
            (key, group) -> {
              boolean stays = change.sinkGroups().stay().contains(key);
              sinks.put(key, stays ? current.sinks().get(key) : build(group));
            });
    for (SourceDefinition source : definition.sources()) {
      String name = source.name();
      boolean stays = change.sources().stay().contains(name);
      sources.put(name, stays ? current.sources().get(name) : build(source));
      if (change.rerouted().contains(name)) {
        routes.put(name, route(source, current.sources().get(name).metrics()));
      }
    }
    return new Assembly(new Topology(definition, channels, sinks, sources), routes);
  }

  private Supervised life(
      ComponentMetrics own,
      List<Supervised> needs,
      Supervised.Step start,
      Supervised.Step stop,
      Watched watched) {
    Supervised life = new Supervised(agent, own, needs, start, stop, watched, supervision, random);
    built.add(life);
    return life;
  }

  private ChannelUnit build(ChannelDefinition definition) {
    String name = definition.name();
    ComponentMetrics own = metrics.detached(MetricKind.CHANNEL, name);
    RestartableChannel channel =
        new RestartableChannel(
            report ->
                PluginBoundary.channel(
                    definition.options(),
                    loader -> new Contexts.OfChannel(agent, name, own, report, loader)),
            supervision.outOfMemory());
    return new ChannelUnit(
        name,
        new MeteredChannel(channel, own),
        own,
        life(own, List.of(), channel::start, channel::stop, channel));
  }

  private SinkUnit build(GroupedSinks group) {
    List<RestartableSink> sinks = new ArrayList<>();
    List<SinkGroupRunners.Member> members = new ArrayList<>();
    for (SinkDefinition definition : group.members()) {
      ComponentMetrics own = metrics.detached(MetricKind.SINK, definition.name());
      RestartableSink sink = sink(definition, own);
      sinks.add(sink);
      members.add(
          new SinkGroupRunners.Member(
              definition,
              sink,
              channels.get(definition.channel()).channel(),
              definition.deadLetterChannel().map(name -> deadLetters(definition, name)),
              own,
              new ComponentThreads(agent, "sink", definition.name(), "runner")));
    }
    List<ComponentMetrics> groupMetrics = new ArrayList<>();
    List<SinkRunner> runners =
        SinkGroupRunners.of(
            group.group(),
            members,
            name -> {
              ComponentMetrics own = metrics.detached(MetricKind.SINK_GROUP, name);
              groupMetrics.add(own);
              return own;
            },
            random);
    List<SinkUnit.Member> units = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      RestartableSink sink = sinks.get(i);
      SinkRunner runner = runners.get(i);
      ComponentMetrics own = members.get(i).metrics();
      ChannelUnit channel = channels.get(members.get(i).definition().channel());
      Supervised life =
          life(
              own,
              List.of(channel.life()),
              () -> {
                sink.start();
                runner.start();
              },
              sink::stop,
              sink);
      units.add(new SinkUnit.Member(sink, runner, own, life));
    }
    return new SinkUnit(group.key(), group.channels(), units, groupMetrics);
  }

  private DeadLetterChannel deadLetters(SinkDefinition definition, String name) {
    ChannelUnit target = channels.get(name);
    if (channels.get(definition.channel()).channel().isDurable() && !target.channel().isDurable()) {
      log.warn(
          "The dead letter channel {} of sink {} keeps events in memory, its channel {} does not:"
              + " what the sink rejects does not outlive a crash",
          name,
          definition.name(),
          definition.channel());
    }
    return new DeadLetterChannel(
        name, definition.name(), target.channel(), target::isReady, Clock.systemUTC());
  }

  private RestartableSink sink(SinkDefinition definition, ComponentMetrics own) {
    String name = definition.name();
    int batchSize = definition.batchSize();
    return new RestartableSink(
        name,
        report ->
            PluginBoundary.sink(
                definition.options(),
                loader -> new Contexts.OfSink(agent, name, own, batchSize, report, loader)),
        supervision.outOfMemory(),
        own);
  }

  private SourceUnit build(SourceDefinition definition) {
    String name = definition.name();
    ComponentMetrics own = metrics.detached(MetricKind.SOURCE, name);
    NewRoute way = route(definition, own);
    SourceOutput output = new SourceOutput(name, way.route(), own);
    RestartableSource source =
        new RestartableSource(
            (door, report) ->
                PluginBoundary.source(
                    definition.options(),
                    loader -> new Contexts.OfSource(agent, name, own, door, report, loader)),
            output,
            output::channels,
            supervision.outOfMemory(),
            own);
    return new SourceUnit(
        name, output, own, life(own, way.lives(), source::start, source::stop, source));
  }

  private NewRoute route(SourceDefinition definition, ComponentMetrics own) {
    List<Interceptor> interceptors = new ArrayList<>();
    for (InterceptorDefinition interceptor : definition.interceptors()) {
      String name = definition.name() + "." + interceptor.name();
      interceptors.add(
          PluginBoundary.interceptor(
              interceptor.options(),
              loader -> new Contexts.OfInterceptor(agent, name, own, loader)));
    }
    List<String> optional = definition.selector().optionalChannels(definition.channels());
    Map<String, Channel> targets = new LinkedHashMap<>();
    List<ChannelUnit> needs = new ArrayList<>();
    for (String name : definition.channels()) {
      ChannelUnit channel = channels.get(name);
      targets.put(name, channel.channel());
      if (!optional.contains(name)) {
        needs.add(channel);
      }
    }
    SourceRoute route =
        new SourceRoute(
            interceptors,
            PluginBoundary.selector(definition.selector(), definition.channels()),
            targets,
            () -> needs.stream().allMatch(ChannelUnit::isReady));
    return new NewRoute(route, needs);
  }
}
