/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Sink;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Makes the runners of a sink group. Sinks that read the same channel take turns at it by the
 * group's rule; a delivery can only go to a sink of its channel, so that those of each channel make
 * a group of their own. Stateless.
 */
final class SinkGroupRunners {
  private SinkGroupRunners() {}

  /** A sink of the group and what it runs with. */
  record Member(
      SinkDefinition definition,
      Sink sink,
      Channel channel,
      Optional<DeadLetterChannel> deadLetters,
      ComponentMetrics metrics,
      ThreadFactory threads) {}

  /**
   * The runners in the order of the members.
   *
   * @param members those of the group, in its order
   * @param groupMetrics gives the metrics of a group of this name
   * @throws io.millrace.api.ConfigurationException when the group cannot be built as configured
   */
  static List<SinkRunner> of(
      SinkGroupDefinition group,
      List<Member> members,
      Function<String, ComponentMetrics> groupMetrics,
      RandomGenerator random) {
    Map<String, List<Member>> byChannel = new LinkedHashMap<>();
    for (Member member : members) {
      byChannel
          .computeIfAbsent(member.definition().channel(), channel -> new ArrayList<>())
          .add(member);
    }
    Map<String, SinkRunner> runners = new LinkedHashMap<>();
    byChannel.forEach(
        (channel, sharing) -> {
          String name = byChannel.size() == 1 ? group.name() : group.name() + "." + channel;
          share(name, group, sharing, groupMetrics, random)
              .forEach((member, runner) -> runners.put(member.definition().name(), runner));
        });
    return members.stream().map(member -> runners.get(member.definition().name())).toList();
  }

  private static Map<Member, SinkRunner> share(
      String name,
      SinkGroupDefinition group,
      List<Member> sharing,
      Function<String, ComponentMetrics> groupMetrics,
      RandomGenerator random) {
    List<String> sinks = sharing.stream().map(member -> member.definition().name()).toList();
    int[] windows = sharing.stream().mapToInt(member -> member.sink().maxInFlight()).toArray();
    RandomGenerator own = new SplittableRandom(random.nextLong());
    SinkRule rule = SinkRule.of(group.processor(), sinks, own);
    SinkStates states = new SinkStates(rule, windows, own);
    Map<Member, SinkRunner> runners = new LinkedHashMap<>();
    if (sharing.size() == 1) {
      SinkTurns turns = new SinkTurns(states, Optional.empty(), System::nanoTime);
      runners.put(sharing.get(0), runner(sharing.get(0), turns, 0));
      return runners;
    }
    ComponentMetrics metrics = groupMetrics.apply(name);
    Optional<FailoverRecord> record =
        group.processor() instanceof Failover
            ? Optional.of(new FailoverRecord(name, sinks, metrics.counter("FailoverCount")))
            : Optional.empty();
    SinkTurns turns = new SinkTurns(states, record, System::nanoTime);
    for (int position = 0; position < sharing.size(); position++) {
      runners.put(sharing.get(position), runner(sharing.get(position), turns, position));
    }
    publish(group, metrics, turns, runners);
    metrics.started(System.currentTimeMillis());
    return runners;
  }

  private static SinkRunner runner(Member member, SinkTurns turns, int position) {
    return new SinkRunner(
        member.definition().name(),
        member.sink(),
        member.channel(),
        member.definition().batchSize(),
        turns,
        position,
        member.deadLetters(),
        member.metrics(),
        member.threads());
  }

  private static void publish(
      SinkGroupDefinition group,
      ComponentMetrics metrics,
      SinkTurns turns,
      Map<Member, SinkRunner> runners) {
    boolean isFailover = group.processor() instanceof Failover;
    metrics.gauge("MemberCount", runners::size);
    metrics.gauge("WorkingMemberCount", turns::wellCount);
    if (isFailover) {
      metrics.gauge("ActiveMember", () -> turns.firstWell() + 1);
      metrics.gauge("FailoverActive", () -> turns.active() > 0 ? 1 : 0);
    }
    int position = 0;
    for (Map.Entry<Member, SinkRunner> runner : runners.entrySet()) {
      int own = position++;
      ComponentMetrics sink = runner.getKey().metrics();
      sink.gauge(
          "Active", () -> (isFailover ? turns.firstWell() == own : turns.isWell(own)) ? 1 : 0);
      sink.doubleGauge("SharePercent", () -> sharePercent(runner.getValue(), runners.values()));
    }
  }

  /** Of the events that the group has delivered since the start. */
  private static double sharePercent(SinkRunner own, Iterable<SinkRunner> all) {
    long delivered = 0;
    for (SinkRunner runner : all) {
      delivered += runner.deliveredEvents();
    }
    return delivered == 0 ? 0 : 100.0 * own.deliveredEvents() / delivered;
  }
}
