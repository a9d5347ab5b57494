/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.LogLimit;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.model.AgentDefinition;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running agent. Starts channels, then sinks, then sources, and stops in the opposite order; a
 * component whose start fails is tried again while the others run. Start and stop once, from any
 * thread; the rest is safe for many threads.
 */
public final class Agent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /** How long an orderly stop takes at most, unless the caller says. */
  public static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private static final long SUPERVISION_MILLIS = 200;

  /** How long one start may hold up a later turn; the first waits until it is called stuck. */
  private static final Duration START_PATIENCE = Duration.ofMillis(100);

  private final String name;
  private final AgentMetrics metrics;
  private final Supervision supervision;
  private final Wiring wiring;
  private final ThreadFactory stopThreads;
  private final Thread supervisor;
  private final LogLimit defectLog = new LogLimit(Duration.ofSeconds(60));
  private boolean stopping;
  private volatile long turnNanos = System.nanoTime();

  private Agent(AgentDefinition definition, Supervision supervision) {
    name = definition.name();
    this.supervision = supervision;
    metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer());
    wiring = new Wiring(definition, metrics, supervision, new SplittableRandom());
    stopThreads = new ComponentThreads(name, "agent", "stop", "step");
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

  /** Where every component stands: channels, sinks, sources. */
  public List<ComponentStatus> statuses() {
    return lives().map(Supervised::status).toList();
  }

  /**
   * Tries to start every component once and returns; those that failed are tried again in the
   * background.
   */
  public void start() {
    turn(supervision.stuckAfter());
    supervisor.start();
  }

  /**
   * How long ago the agent last looked after its components. More than a few seconds is a sign that
   * the process does not get on, and no sign of a component that is stuck: that has a status.
   */
  public Duration sinceTurn() {
    return Duration.ofNanos(System.nanoTime() - turnNanos);
  }

  private Stream<Supervised> lives() {
    return Stream.of(wiring.channelLives.values(), wiring.sinkLives, wiring.sourceLives)
        .flatMap(Collection::stream);
  }

  private void turn(Duration patience) {
    lives()
        .forEach(
            life -> {
              turn(life, patience);
              turnNanos = System.nanoTime();
            });
    turnNanos = System.nanoTime();
  }

  /** One component whose answers are defective must not end the care for the others. */
  private void turn(Supervised life, Duration patience) {
    try {
      life.turn(System.nanoTime(), patience);
    } catch (RuntimeException e) {
      if (defectLog.allows()) {
        log.error("{} could not be looked after", life.status().component(), e);
      }
    }
  }

  /** Turns without the monitor: a start that hangs must not hold up the stop. */
  private void supervise() {
    try {
      while (awaitNextTurn()) {
        turn(START_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitNextTurn() throws InterruptedException {
    if (!stopping) {
      wait(SUPERVISION_MILLIS);
    }
    return !stopping;
  }

  @Override
  public void close() {
    stop(STOP_LIMIT);
  }

  /**
   * Stops in order within {@code limit}: sources answer or refuse what is in flight, memory
   * channels drain, sinks settle, channels close. What had to be left is said.
   *
   * @return whether everything stopped in time and nothing was lost
   */
  public synchronized boolean stop(Duration limit) {
    if (stopping) {
      return true;
    }
    stopping = true;
    notifyAll();
    long begin = System.nanoTime();
    long deadline = begin + limit.toNanos();
    boolean clean = false;
    try {
      clean = stopInOrder(begin, deadline, limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    metrics.close();
    log.info("Agent {} stopped in {} ms", name, (System.nanoTime() - begin) / 1_000_000);
    return clean;
  }

  private boolean stopInOrder(long begin, long deadline, Duration limit)
      throws InterruptedException {
    boolean clean = stopAll("source", wiring.sourceLives, begin + limit.toNanos() / 2);
    wiring.outputs.forEach(SourceOutput::close);
    wiring.channels.values().forEach(MeteredChannel::refuseAppends);
    // Sinks and channels need the last fifth to settle and close.
    drainVolatileChannels(deadline - limit.toNanos() / 5);
    wiring.runners.forEach(SinkRunner::stop);
    for (int i = 0; i < wiring.runners.size(); i++) {
      if (wiring.sinkLives.get(i).isRunning()
          && !wiring.runners.get(i).awaitStopped(deadline - limit.toNanos() / 10)) {
        log.warn(
            "{} has deliveries under way that did not end in time; they stay in the channel",
            wiring.sinkLives.get(i).status().component());
      }
    }
    clean &= stopAll("sink", wiring.sinkLives, deadline - limit.toNanos() / 20);
    clean &= stopAll("channel", wiring.channelLives.values(), deadline);
    return clean & sayWhatIsLost();
  }

  /** Stops all at once, each on a thread of its own, so that one that hangs holds up no other. */
  private boolean stopAll(String kind, Collection<Supervised> lives, long deadlineNanos)
      throws InterruptedException {
    List<Thread> steps = new ArrayList<>();
    for (Supervised life : lives) {
      Thread step = stopThreads.newThread(life::stop);
      step.start();
      steps.add(step);
    }
    boolean all = true;
    for (Thread step : steps) {
      step.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
      all &= !step.isAlive();
    }
    for (Supervised life : lives) {
      if (life.status().state() != ComponentStatus.State.STOPPED) {
        log.warn("The {} {} did not stop in time", kind, life.status().component());
      }
    }
    return all;
  }

  private void drainVolatileChannels(long deadlineNanos) throws InterruptedException {
    while (volatileEvents() > 0 && System.nanoTime() - deadlineNanos < 0) {
      wait(10);
    }
  }

  private long volatileEvents() {
    return wiring.channels.values().stream().mapToLong(MeteredChannel::volatileEventCount).sum();
  }

  private boolean sayWhatIsLost() {
    wiring.channels.forEach(
        (channel, events) -> {
          long lost = events.volatileEventCount();
          if (lost > 0) {
            log.error(
                "Channel {} keeps events in memory: {} events could not be delivered before the"
                    + " stop and are lost",
                channel,
                lost);
          }
        });
    return volatileEvents() == 0;
  }
}
