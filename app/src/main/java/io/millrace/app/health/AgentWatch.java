/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import io.millrace.api.LogLimit;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.SourceDefinition;
import io.millrace.engine.runtime.Agent;
import io.millrace.engine.runtime.ComponentStatus;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at an agent four times a second from a thread of its own, and keeps what it saw: whoever
 * asks gets that at once, also when a component hangs, and a watch that hangs is itself a finding.
 * The last sight is safe for many threads; the rest is confined to the watch's thread.
 */
public final class AgentWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentWatch.class);

  static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

  /** Between searches for deadlocks: each stops all threads for a moment. */
  static final Duration BETWEEN_SEARCHES = Duration.ofSeconds(10);

  /** A watch or a supervision that has not turned for so long does not turn any more. */
  static final Duration TURN_LIMIT = Duration.ofSeconds(30);

  private final LogLimit failureLog = new LogLimit(Duration.ofMinutes(1));

  private static final Map<MetricKind, List<String>> PROGRESS_COUNTERS =
      Map.of(
          MetricKind.SOURCE, List.of("EventAcceptedCount"),
          MetricKind.CHANNEL, List.of("EventPutSuccessCount", "EventTakeSuccessCount"),
          MetricKind.SINK, List.of("EventDrainSuccessCount"));

  /** What is remembered of a component between two looks. */
  private static final class Memory {
    private final ChannelRoom room = new ChannelRoom();
    private ComponentStatus status;
    private Instant since;
    private long progressCount;
    private Instant lastProgress;
  }

  private record Seen(AgentHealth health, long nanos) {}

  private final Agent agent;
  private final Duration betweenSearches;
  private final Thread thread;
  private final Map<String, Memory> memories = new HashMap<>();
  private volatile Seen seen;
  private volatile boolean isStopping;
  private volatile boolean isClosed;
  private List<String> deadlocks = List.of();
  private long nextSearchNanos;
  private boolean saidDead;

  private AgentWatch(Agent agent, Duration betweenSearches) {
    this.agent = agent;
    this.betweenSearches = betweenSearches;
    this.seen = new Seen(look(), System.nanoTime());
    this.thread = new Thread(this::watch, agent.name() + "/agent/health/watch");
    thread.setDaemon(true);
  }

  /** Watches until it is closed. */
  public static AgentWatch start(Agent agent) {
    return start(agent, BETWEEN_SEARCHES);
  }

  static AgentWatch start(Agent agent, Duration betweenSearches) {
    AgentWatch watch = new AgentWatch(agent, betweenSearches);
    watch.thread.start();
    return watch;
  }

  /** What was seen last, with what can be said without looking. */
  public AgentHealth health() {
    Seen last = seen;
    AgentHealth health = last.health;
    Duration age = Duration.ofNanos(System.nanoTime() - last.nanos);
    List<String> reasons = new ArrayList<>(health.deadReasons());
    if (age.compareTo(TURN_LIMIT) > 0 && !isStopping) {
      reasons.add("a component has not said how it is for " + age.toSeconds() + " s");
    }
    return new AgentHealth(
        health.agent(), health.at(), health.isStarted(), isStopping, reasons, health.components());
  }

  /** The stop signal came: from now on the agent is not ready. */
  public void stopping() {
    isStopping = true;
  }

  private void watch() {
    while (awaitNextLook()) {
      try {
        seen = new Seen(look(), System.nanoTime());
      } catch (RuntimeException e) {
        // health() says so once what was seen last is too old.
        if (failureLog.allows()) {
          log.error("The agent's health could not be seen; what was seen last stands", e);
        }
      }
      sayIfDead();
    }
  }

  private void sayIfDead() {
    List<String> reasons = seen.health.deadReasons();
    if (!reasons.isEmpty() && !saidDead) {
      log.error("Agent {} is not live: {}", agent.name(), String.join("; ", reasons));
    }
    saidDead = !reasons.isEmpty();
  }

  private synchronized boolean awaitNextLook() {
    try {
      if (!isClosed) {
        wait(BETWEEN_LOOKS.toMillis());
      }
      return !isClosed;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private AgentHealth look() {
    AgentDefinition definition = agent.definition();
    Map<String, ComponentStatus> statuses =
        agent.statuses().stream()
            .collect(
                Collectors.toMap(ComponentStatus::component, Function.identity(), (a, b) -> a));
    Instant now = Instant.now();
    List<ComponentHealth> components = new ArrayList<>();
    for (ComponentMetrics metrics : agent.metrics().components()) {
      ComponentStatus status = statuses.get(metrics.key());
      if (status != null) {
        components.add(look(metrics, status, definition, now));
      }
    }
    components.sort(
        Comparator.comparing(ComponentHealth::kind).thenComparing(ComponentHealth::name));
    memories.keySet().retainAll(statuses.keySet());
    return new AgentHealth(
        definition.name(), now, agent.isStarted(), isStopping, deadReasons(), components);
  }

  private ComponentHealth look(
      ComponentMetrics metrics, ComponentStatus status, AgentDefinition definition, Instant now) {
    Memory memory = memories.computeIfAbsent(metrics.key(), ignored -> new Memory());
    if (memory.status == null || memory.status.state() != status.state()) {
      memory.since = now;
    }
    memory.status = status;
    long progress =
        PROGRESS_COUNTERS.getOrDefault(metrics.kind(), List.of()).stream()
            .mapToLong(name -> number(metrics, name))
            .sum();
    if (progress != memory.progressCount) {
      memory.lastProgress = now;
      memory.progressCount = progress;
    }
    Optional<ComponentHealth.Fill> fill = Optional.empty();
    String problem = "";
    if (metrics.kind() == MetricKind.CHANNEL) {
      long events = number(metrics, "ChannelSize");
      long capacity = number(metrics, "ChannelCapacity");
      fill = Optional.of(new ComponentHealth.Fill(events, capacity));
      boolean isRunning = status.state() == ComponentStatus.State.RUNNING;
      ChannelRoom.Sight sight =
          new ChannelRoom.Sight(
              events,
              capacity,
              number(metrics, "AppendsWaiting"),
              !isRunning || number(metrics, "Unhealthy") == 0);
      problem = memory.room.problem(sight, System.nanoTime());
    }
    return new ComponentHealth(
        metrics.key(),
        metrics.kind(),
        metrics.component(),
        types(definition).getOrDefault(metrics.key(), ""),
        status.state(),
        status.detail(),
        memory.since,
        Optional.ofNullable(memory.lastProgress),
        fill,
        problem,
        feeds(metrics, definition));
  }

  /** A figure that the component may have; 0 when it has not. */
  private static long number(ComponentMetrics metrics, String name) {
    try {
      return metrics.value(name) instanceof Number number ? number.longValue() : 0;
    } catch (RuntimeException e) {
      // Gauges read what may be closing just now; the next look finds another figure.
      log.debug("{} of {} cannot be read now", name, metrics.key(), e);
      return 0;
    }
  }

  /** Types as configured, by component key. */
  private static Map<String, String> types(AgentDefinition definition) {
    Map<String, String> types = new HashMap<>();
    definition
        .sources()
        .forEach(one -> types.put(MetricKind.SOURCE + "." + one.name(), one.type()));
    definition
        .channels()
        .forEach(one -> types.put(MetricKind.CHANNEL + "." + one.name(), one.type()));
    definition.sinks().forEach(one -> types.put(MetricKind.SINK + "." + one.name(), one.type()));
    return types;
  }

  /** The channels without which the source does not accept. */
  private static List<String> feeds(ComponentMetrics metrics, AgentDefinition definition) {
    if (metrics.kind() != MetricKind.SOURCE) {
      return List.of();
    }
    for (SourceDefinition source : definition.sources()) {
      if (source.name().equals(metrics.component())) {
        List<String> optional = source.selector().optionalChannels(source.channels());
        return source.channels().stream().filter(name -> !optional.contains(name)).toList();
      }
    }
    return List.of();
  }

  private List<String> deadReasons() {
    List<String> reasons = new ArrayList<>();
    Duration pause = agent.sinceLastTurn();
    // The first turn takes as long as the starts take.
    if (agent.isStarted() && !isStopping && pause.compareTo(TURN_LIMIT) > 0) {
      reasons.add("supervision has not turned for " + pause.toSeconds() + " s");
    }
    long nanos = System.nanoTime();
    if (nextSearchNanos == 0 || nanos - nextSearchNanos >= 0) {
      nextSearchNanos = nanos + betweenSearches.toNanos();
      deadlocks = deadlocks();
    }
    reasons.addAll(deadlocks);
    return reasons;
  }

  private static List<String> deadlocks() {
    long[] threads = ManagementFactory.getThreadMXBean().findDeadlockedThreads();
    if (threads == null) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (ThreadInfo info : ManagementFactory.getThreadMXBean().getThreadInfo(threads)) {
      if (info != null) {
        names.add(info.getThreadName());
      }
    }
    return List.of("threads wait for each other for ever: " + String.join(", ", names));
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    notifyAll();
  }
}
