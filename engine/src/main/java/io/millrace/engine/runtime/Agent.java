/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ConfigurationException;
import io.millrace.api.LogLimit;
import io.millrace.api.TransientException;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.model.AgentDefinition;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent. Starts channels, then sinks, then sources, and stops in the opposite order; a
 * component whose start fails is tried again while the others run. What runs can be changed to
 * another definition: only what differs is stopped and started. Start and stop once, from any
 * thread; the rest is safe for many threads.
 */
public final class Agent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** How long an orderly stop takes at most, unless the caller says. */
  public static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private static final long SUPERVISION_MILLIS = 200;

  /** How long one start may hold up a turn; in the first one, when all before it hung. */
  private static final Duration START_PATIENCE = Duration.ofMillis(100);

  /** What a stop may take beyond its limit, for its last look, before its caller goes on. */
  private static final Duration STOP_GRACE = Duration.ofMillis(500);

  private final String name;
  private final AgentMetrics metrics;
  private final Supervision supervision;
  private final RandomGenerator random = new SplittableRandom();
  private final ThreadFactory stopThreads;
  private final ThreadFactory changeThreads;
  private final Thread supervisor;
  private final LogLimit defectLog = new LogLimit(Duration.ofSeconds(60));

  /** Held by whoever changes the topology: one reload at a time, and the stop. */
  private final ReentrantLock changing = new ReentrantLock();

  private volatile Topology topology;
  private volatile boolean stopping;

  /** Whether everything stopped in time and nothing was lost; done once the stop is over. */
  private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();

  private volatile long lastTurnNanos = System.nanoTime();

  // Guarded by this.
  private boolean isStarted;
  private boolean isStopBegun;
  private boolean isTurnWanted;

  /** Channels and sinks are looked after until what only memory holds is delivered. */
  private boolean isCareOver;

  /** Whether the stop has begun with what runs: no change may take its place any more. */
  private boolean isTopologyFinal;

  private Agent(AgentDefinition definition, Supervision supervision) {
    name = definition.name();
    this.supervision = supervision;
    metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer());
    Topology nothing = Topology.empty(name);
    Assembly assembly =
        Wiring.assemble(
            definition,
            TopologyChange.between(nothing.definition(), definition),
            nothing,
            metrics,
            supervision,
            random);
    topology = assembly.next();
    topology.metrics().forEach(metrics::publish);
    stopThreads = new ComponentThreads(name, "agent", "stop", "step");
    changeThreads = new ComponentThreads(name, "agent", "reload", "step");
    supervisor =
        new ComponentThreads(name, "agent", "supervisor", "turn").newThread(this::supervise);
  }

  /**
   * Builds the agent's components; opens nothing.
   *
   * @throws io.millrace.api.ConfigurationException when a component cannot be built as configured
   */
  public static Agent create(AgentDefinition definition) {
    return create(definition, Supervision.standard());
  }

  /** As {@link #create(AgentDefinition)}, its components looked after as said. */
  public static Agent create(AgentDefinition definition, Supervision supervision) {
    return new Agent(definition, supervision);
  }

  public String name() {
    return name;
  }

  public AgentMetrics metrics() {
    return metrics;
  }

  /** What the agent runs now. */
  public AgentDefinition definition() {
    return topology.definition();
  }

  /** Whether every component was tried once. */
  public synchronized boolean isStarted() {
    return isStarted;
  }

  /** Where every component stands: channels, sinks, sources. */
  public List<ComponentStatus> statuses() {
    return topology.lives().map(Supervised::status).toList();
  }

  /**
   * Tries to start every component once and returns; those that failed are tried again in the
   * background. Starts that hang hold it up until one would be called stuck, all together; they go
   * on in the background too. A {@link #stop} that comes meanwhile ends it.
   */
  public void start() {
    long deadlineNanos = System.nanoTime() + supervision.stuckAfter().toNanos();
    turn(
        () ->
            Duration.ofNanos(
                Math.max(START_PATIENCE.toNanos(), deadlineNanos - System.nanoTime())));
    synchronized (this) {
      isStarted = true;
      notifyAll();
    }
    supervisor.start();
  }

  /**
   * How long ago the agent last looked after its components. More than a few seconds is a sign that
   * the process does not get on, and no sign of a component that is stuck: that has a status.
   */
  public Duration sinceLastTurn() {
    return Duration.ofNanos(System.nanoTime() - lastTurnNanos);
  }

  private void turn(Supplier<Duration> patience) {
    Topology now = topology;
    now.channels().values().forEach(unit -> turn(unit.life(), patience));
    now.sinks().values().stream()
        .flatMap(unit -> unit.members().stream())
        .forEach(member -> turn(member.life(), patience));
    for (SourceUnit unit : now.sources().values()) {
      // Nothing more comes in once the agent stops.
      if (!stopping) {
        turn(unit.life(), patience);
      }
    }
    for (ChannelUnit unit : now.channels().values()) {
      lookAfter(unit.life(), unit::takeOver);
    }
  }

  private void turn(Supervised life, Supplier<Duration> patience) {
    lookAfter(life, () -> life.turn(System.nanoTime(), patience.get()));
  }

  /** One component whose answers are defective must not end the care for the others. */
  private void lookAfter(Supervised life, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      if (e instanceof OutOfMemoryError error) {
        supervision.outOfMemory().accept(error);
      }
      if (defectLog.allows()) {
        log.error("{} could not be looked after", life.status().component(), e);
      }
    }
    lastTurnNanos = System.nanoTime();
  }

  /** Turns without the monitor: a start that hangs must not hold up the stop. */
  private void supervise() {
    try {
      while (awaitNextTurn()) {
        turn(() -> START_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitNextTurn() throws InterruptedException {
    if (!isCareOver && !isTurnWanted) {
      wait(SUPERVISION_MILLIS);
    }
    isTurnWanted = false;
    return !isCareOver;
  }

  private synchronized void endCare() {
    isCareOver = true;
    notifyAll();
  }

  /**
   * Changes what runs to {@code next}: all of it, or nothing. Returns once every component that is
   * new has been tried; those whose start failed are tried again in the background, as after {@link
   * #start}. What stays the same goes on meanwhile, and no event is lost: what a channel in memory
   * holds goes over into the one that takes its place, and is delivered first, within the limit of
   * a stop, when none does.
   *
   * @return what was different; empty when nothing was
   * @throws ConfigurationException when a component cannot be built as configured: nothing changed
   * @throws TransientException when it cannot be done now: nothing changed
   */
  public TopologyChange apply(AgentDefinition next) {
    return apply(next, STOP_LIMIT);
  }

  /** As {@link #apply(AgentDefinition)}; what has to stop has {@code limit} for that. */
  TopologyChange apply(AgentDefinition next, Duration limit) {
    if (!next.name().equals(name)) {
      throw new IllegalArgumentException("agent: " + next.name() + " (expected: " + name + ")");
    }
    changing.lock();
    try {
      // Off the caller's thread, which may be interrupted: a change is not left half done.
      CompletableFuture<TopologyChange> applied = new CompletableFuture<>();
      changeThreads
          .newThread(
              () -> {
                try {
                  applied.complete(
                      new AgentChange(this, next, limit, supervision, random, stopThreads).apply());
                } catch (InterruptedException | RuntimeException | Error e) {
                  applied.completeExceptionally(e);
                }
              })
          .start();
      return applied.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    } finally {
      changing.unlock();
    }
  }

  Topology topology() {
    return topology;
  }

  /**
   * What is turned, shown and stopped from now on. Called by the one change under way.
   *
   * @return false when the agent's stop would not wait for the change: it stops what ran before
   */
  synchronized boolean switchTo(Topology next) {
    if (!isTopologyFinal) {
      topology = next;
    }
    return !isTopologyFinal;
  }

  private synchronized Topology finalTopology() {
    isTopologyFinal = true;
    return topology;
  }

  boolean isStopping() {
    return stopping;
  }

  /** Waits until the first try of every component is over. */
  synchronized void awaitStarted() throws InterruptedException {
    while (!isStarted && !stopping) {
      wait();
    }
  }

  /** Has the supervisor look after everything now, not only when it is time. */
  synchronized void turnSoon() {
    isTurnWanted = true;
    notifyAll();
  }

  @Override
  public void close() {
    stop(STOP_LIMIT);
  }

  /**
   * Stops in order within {@code limit}: sources answer or refuse what is in flight, memory
   * channels drain, sinks settle, channels close. What had to be left is said. A start under way
   * brings up no more sources; a reload under way ends first. An interrupt of the caller cuts
   * nothing short; it finds its flag as it was.
   *
   * @return whether everything stopped in time and nothing was lost
   */
  public boolean stop(Duration limit) {
    if (isFirstStop()) {
      StopSequence sequence = new StopSequence(stopThreads, limit);
      stopThreads.newThread(() -> stop(sequence, limit)).start();
    }
    long deadlineNanos = System.nanoTime() + limit.plus(STOP_GRACE).toNanos();
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return stopped.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          isInterrupted = true;
        }
      }
    } catch (TimeoutException e) {
      log.error("Agent {} has not stopped within {} ms", name, limit.toMillis());
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("The end of a stop has no failure", e);
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized boolean isFirstStop() {
    boolean isFirst = !isStopBegun;
    isStopBegun = true;
    stopping = true;
    isTurnWanted = true;
    notifyAll();
    return isFirst;
  }

  /** On a thread of its own, which nobody interrupts: a stop is not left half done. */
  private void stop(StopSequence sequence, Duration limit) {
    boolean isClean = false;
    boolean isLocked = false;
    try {
      isLocked = changing.tryLock(limit.toNanos() / 2, TimeUnit.NANOSECONDS);
      isClean = stopInOrder(finalTopology(), sequence);
      log.info("Agent {} stopped in {} ms", name, sequence.millisSoFar());
    } catch (InterruptedException e) {
      throw new IllegalStateException("Nobody interrupts the stop", e);
    } finally {
      endCare();
      if (isLocked) {
        changing.unlock();
      }
      try {
        metrics.close();
      } finally {
        stopped.complete(isClean);
      }
    }
  }

  private boolean stopInOrder(Topology last, StopSequence sequence) throws InterruptedException {
    boolean clean = sequence.stopSources(last.sources().values());
    sequence.await(() -> !last.isTakingOver(), 6);
    last.channels().values().stream()
        .filter(unit -> !last.takesDeadLetters(unit))
        .forEach(unit -> unit.channel().refuseAppends());
    sequence.drain(() -> last.volatileEventCount() == 0);
    endCare();
    clean &= sequence.stopSinks(last.sinks().values());
    last.channels().values().forEach(unit -> unit.channel().refuseAppends());
    last.channels().values().forEach(ChannelUnit::endTakeover);
    clean &= sequence.stopChannels(last.channels().values());
    last.channels().values().forEach(ChannelUnit::sayWhatIsLost);
    return clean & last.volatileEventCount() == 0;
  }
}
