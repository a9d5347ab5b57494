/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ConfigurationException;
import io.millrace.api.TransientException;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.model.AgentDefinition;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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

  private final String name;
  private final AgentMetrics metrics;
  private final RandomGenerator random = new SplittableRandom();
  private final ThreadFactory stopThreads;
  private final ThreadFactory changeThreads;
  private final Thread supervisor;

  /** Held by whoever changes the topology: one reload at a time, and the stop. */
  private final ReentrantLock changing = new ReentrantLock();

  private volatile Topology topology;
  private volatile boolean stopping;

  // Guarded by this.
  private boolean isStarted;
  private boolean isStopped;
  private boolean isTurnWanted;
  private long turnsBegun;
  private long turnsEnded;

  private Agent(AgentDefinition definition) {
    name = definition.name();
    metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer());
    Topology nothing = Topology.empty(name);
    Assembly assembly =
        Wiring.assemble(
            definition,
            TopologyChange.between(nothing.definition(), definition),
            nothing,
            metrics,
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
    return new Agent(definition);
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

  /** Where every component stands: channels, sinks, sources. */
  public List<ComponentStatus> statuses() {
    return topology.lives().map(Supervised::status).toList();
  }

  /**
   * Tries to start every component once and returns; those that failed are tried again in the
   * background.
   */
  public void start() {
    turn();
    synchronized (this) {
      isStarted = true;
      notifyAll();
    }
    supervisor.start();
  }

  private void turn() {
    Topology now = topology;
    now.lives().forEach(life -> life.turn(System.nanoTime()));
    now.channels().values().forEach(ChannelUnit::takeOver);
  }

  /** Turns without the monitor: a start that hangs must not hold up the stop. */
  private void supervise() {
    try {
      while (awaitNextTurn()) {
        turn();
        endTurn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitNextTurn() throws InterruptedException {
    if (!stopping && !isTurnWanted) {
      wait(SUPERVISION_MILLIS);
    }
    isTurnWanted = false;
    turnsBegun++;
    return !stopping;
  }

  private synchronized void endTurn() {
    turnsEnded++;
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
                      new AgentChange(this, next, random, stopThreads).apply());
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

  /** What is turned, shown and stopped from now on. Called by the one change under way. */
  void switchTo(Topology next) {
    topology = next;
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

  /** Has the supervisor try what is new, and waits until it has, if that does not take too long. */
  synchronized void awaitTurn() throws InterruptedException {
    long wanted = turnsBegun + 1;
    long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
    isTurnWanted = true;
    notifyAll();
    long millis;
    while (!stopping
        && turnsEnded < wanted
        && (millis = (deadline - System.nanoTime()) / 1_000_000) > 0) {
      wait(millis);
    }
  }

  @Override
  public void close() {
    stop(STOP_LIMIT);
  }

  /**
   * Stops in order within {@code limit}: sources answer or refuse what is in flight, memory
   * channels drain, sinks settle, channels close. What had to be left is said. A reload under way
   * ends first.
   *
   * @return whether everything stopped in time and nothing was lost
   */
  public boolean stop(Duration limit) {
    StopSequence sequence = new StopSequence(stopThreads, limit);
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    boolean clean = false;
    boolean isLocked = false;
    try {
      isLocked = changing.tryLock(limit.toNanos() / 2, TimeUnit.NANOSECONDS);
      if (!isFirstStop()) {
        return true;
      }
      clean = stopInOrder(sequence);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (isLocked) {
        changing.unlock();
      }
    }
    metrics.close();
    log.info("Agent {} stopped in {} ms", name, sequence.millisSoFar());
    return clean;
  }

  private synchronized boolean isFirstStop() {
    boolean isFirst = !isStopped;
    isStopped = true;
    return isFirst;
  }

  private boolean stopInOrder(StopSequence sequence) throws InterruptedException {
    Topology last = topology;
    boolean clean = sequence.stopSources(last.sources().values());
    sequence.await(
        () -> last.channels().values().stream().noneMatch(ChannelUnit::isTakingOver), 6);
    last.channels().values().forEach(unit -> unit.channel().refuseAppends());
    sequence.drain(() -> last.volatileEventCount() == 0);
    clean &= sequence.stopSinks(last.sinks().values());
    last.channels().values().forEach(ChannelUnit::endTakeover);
    clean &= sequence.stopChannels(last.channels().values());
    last.channels().values().forEach(ChannelUnit::sayWhatIsLost);
    return clean & last.volatileEventCount() == 0;
  }
}
