/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ConfigurationException;
import io.millrace.api.TransientException;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.model.AgentDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change of an agent from what runs to another definition. Everything new is built first; then
 * sources stop or are rerouted, sinks stop, channels stop; then what is new starts in the opposite
 * order. Confined to one thread; one at a time for an agent.
 */
final class AgentChange {
  private static final Logger log = LoggerFactory.getLogger(AgentChange.class);

  private final Agent agent;
  private final AgentDefinition next;
  private final Duration limit;
  private final Supervision supervision;
  private final RandomGenerator random;
  private final ThreadFactory threads;
  private final StopSequence sequence;

  /**
   * @param limit for what has to stop, and once more for what has to start
   * @param threads for steps that may hang
   */
  AgentChange(
      Agent agent,
      AgentDefinition next,
      Duration limit,
      Supervision supervision,
      RandomGenerator random,
      ThreadFactory threads) {
    this.agent = agent;
    this.next = next;
    this.supervision = supervision;
    this.random = random;
    this.threads = threads;
    this.limit = limit;
    this.sequence = new StopSequence(threads, limit);
  }

  /** As {@link Agent#apply}. */
  TopologyChange apply() throws InterruptedException {
    agent.awaitStarted();
    refuseWhileStopping();
    Topology before = agent.topology();
    TopologyChange change = TopologyChange.between(before.definition(), next);
    if (!change.isEmpty()) {
      refuseWhileTakingOver(before.channelsOf(change.channels().stop()));
      Assembly assembly = assemble(change, before);
      log.info("Agent {} changes: {}", agent.name(), String.join("; ", change.lines()));
      try {
        carryOut(change, before, assembly);
      } finally {
        if (agent.topology() == before) {
          // It came to nothing: what ran before is stopped, or changed by the next try.
          stopNew(before, assembly.next());
        }
      }
    }
    return change;
  }

  private void refuseWhileStopping() {
    if (agent.isStopping()) {
      throw new TransientException("Agent " + agent.name() + " is stopping");
    }
  }

  /** The third channel in a row would take over from one that is not done itself. */
  private void refuseWhileTakingOver(List<ChannelUnit> going) throws InterruptedException {
    boolean isSettled =
        sequence.await(
            () -> agent.isStopping() || going.stream().noneMatch(ChannelUnit::isTakingOver), 5);
    refuseWhileStopping();
    if (!isSettled) {
      throw new TransientException(
          "A channel of agent "
              + agent.name()
              + " that changes still takes over events since the change before; nothing was"
              + " changed. Try again later");
    }
  }

  private Assembly assemble(TopologyChange change, Topology before) {
    try {
      return Wiring.assemble(next, change, before, agent.metrics(), supervision, random);
    } catch (ConfigurationException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new ConfigurationException("a component could not be built: " + e, e);
    }
  }

  private void carryOut(TopologyChange change, Topology before, Assembly assembly)
      throws InterruptedException {
    Topology after = assembly.next();
    Set<String> goingNames = change.channels().stop();
    List<ChannelUnit> going = before.channelsOf(goingNames);
    List<String> early =
        change.rerouted().stream().filter(name -> before.leadsTo(name, goingNames)).toList();
    List<String> late =
        change.rerouted().stream().filter(name -> !before.leadsTo(name, goingNames)).toList();

    sequence.stopSources(before.sourcesOf(change.sources().stop()));
    reroute(early, before, assembly);
    going.stream()
        .filter(unit -> !before.takesDeadLetters(unit))
        .forEach(unit -> unit.channel().refuseAppends());
    drain(going.stream().filter(unit -> !change.channels().replaces(unit.name())).toList(), before);
    // If it is: the agent's stop goes on from here with what ran before.
    refuseWhileStopping();
    stopSinks(before.sinksOf(change.sinkGroups().stop()));
    going.forEach(unit -> unit.channel().refuseAppends());
    stopChannels(going, after);
    if (!agent.switchTo(after)) {
      refuseWhileStopping();
    }
    showMetrics(before, after);
    awaitTried(after);
    // These had all their channels until now; the new ones among them have started, if they can.
    reroute(late, before, assembly);
    sayHowItStands(after);
  }

  private static void stopNew(Topology before, Topology after) {
    Set<Supervised> old = new HashSet<>(before.lives().toList());
    after.lives().filter(life -> !old.contains(life)).forEach(Supervised::stop);
  }

  /** Until each component has been tried, as at a start of the agent; for a stop's time at most. */
  private void awaitTried(Topology after) throws InterruptedException {
    StopSequence patience = new StopSequence(threads, limit);
    patience.await(
        () -> {
          agent.turnSoon();
          return agent.isStopping()
              || after.lives().allMatch(Supervised::isTried) && !after.isTakingOver();
        },
        10);
  }

  private void reroute(List<String> sources, Topology before, Assembly assembly)
      throws InterruptedException {
    List<CompletableFuture<Void>> settled = new ArrayList<>();
    for (String name : sources) {
      SourceUnit unit = before.sources().get(name);
      Assembly.NewRoute way = assembly.routes().get(name);
      unit.life().setNeeds(way.lives());
      settled.add(unit.output().reroute(way.route()));
    }
    sequence.awaitSettled(settled);
  }

  /** Lets sinks take what removed channels would lose. */
  private void drain(List<ChannelUnit> removed, Topology before) throws InterruptedException {
    List<ChannelUnit> drained =
        removed.stream()
            .filter(unit -> !unit.channel().savesAtStop() && before.hasSink(unit.name()))
            .toList();
    sequence.drain(
        () ->
            agent.isStopping()
                || drained.stream().allMatch(unit -> unit.volatileEventCount() == 0));
  }

  /** What a stopped sink never answers goes back to its channel, for the sinks that come. */
  private void stopSinks(List<SinkUnit> units) throws InterruptedException {
    sequence.stopSinks(units);
    List<Thread> waits = new ArrayList<>();
    for (SinkUnit unit : units) {
      for (SinkUnit.Member member : unit.members()) {
        Thread wait = threads.newThread(() -> abandon(member.sink()));
        wait.start();
        waits.add(wait);
      }
    }
    // All wait at once: one limit for them together.
    for (Thread wait : waits) {
      wait.join();
    }
  }

  private static void abandon(RestartableSink sink) {
    try {
      sink.abandon();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopChannels(List<ChannelUnit> going, Topology after) throws InterruptedException {
    List<ChannelUnit> stopping = new ArrayList<>();
    for (ChannelUnit unit : going) {
      ChannelUnit successor = after.channels().get(unit.name());
      if (successor != null && unit.volatileEventCount() > 0 && !unit.channel().savesAtStop()) {
        successor.succeed(
            unit, new ComponentThreads(agent.name(), "channel", unit.name(), "handover"));
      } else {
        stopping.add(unit);
      }
    }
    for (ChannelUnit unit : stopping) {
      long kept = unit.channel().eventCount();
      if (unit.channel().savesAtStop() && kept > 0) {
        log.info(
            "Channel {} is closed with {} events, which it keeps for a channel with the same"
                + " directories",
            unit.name(),
            kept);
      }
    }
    sequence.stopChannels(stopping);
    stopping.forEach(ChannelUnit::sayWhatIsLost);
  }

  /** What stays counts on; what is new begins at zero. */
  private void showMetrics(Topology before, Topology after) {
    AgentMetrics metrics = agent.metrics();
    Set<ComponentMetrics> old = new HashSet<>(before.metrics());
    Set<ComponentMetrics> now = new HashSet<>(after.metrics());
    now.stream().filter(own -> !old.contains(own)).forEach(metrics::publish);
    old.stream().filter(own -> !now.contains(own)).forEach(metrics::withdraw);
  }

  private void sayHowItStands(Topology after) {
    List<String> waiting =
        after
            .lives()
            .map(Supervised::status)
            .filter(status -> status.state() != ComponentStatus.State.RUNNING)
            .map(ComponentStatus::component)
            .toList();
    if (waiting.isEmpty()) {
      log.info("Agent {} has changed, in {} ms", agent.name(), sequence.millisSoFar());
    } else {
      log.warn(
          "Agent {} has changed, in {} ms. Not up yet, and tried again: {}",
          agent.name(),
          sequence.millisSoFar(),
          waiting);
    }
  }
}
