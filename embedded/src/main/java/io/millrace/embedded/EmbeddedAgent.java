/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.embedded;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.MillraceException;
import io.millrace.api.TransientException;
import io.millrace.client.Event;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.runtime.Agent;
import io.millrace.engine.runtime.ComponentStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent without sources inside an application: a memory or file channel and avro sinks. It takes
 * the properties of Flume's embedded agent as they are:
 *
 * <pre>
 *   channel.type = memory or file       channel.*     options of the channel
 *   sinks = k1 k2                       k1.type = avro, k1.*
 *   processor.type = default, failover or load_balance, processor.*
 *   source.interceptors = ...           source.*      options of the entrance
 * </pre>
 *
 * <p>A put returns when the channel has the events as durably as it promises: with {@code file},
 * they are on disk and outlive the application. From there they are sent as by any agent of
 * Millrace.
 *
 * <p>Several sinks are one group: {@code failover} sends to the first that works, {@code
 * load_balance} to all that work.
 *
 * <p>Configured, started and stopped by one thread at a time; puts are safe for many. It can be
 * configured and started again after a stop.
 *
 * @since 0.1
 */
public final class EmbeddedAgent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedAgent.class);

  private final String name;
  private AgentDefinition definition;
  private volatile Running running;

  private record Running(Agent agent, Entrance entrance) {}

  public EmbeddedAgent(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("name: '" + name + "' (expected: a name)");
    }
    this.name = name;
  }

  /**
   * Takes the properties; those of an earlier call are forgotten.
   *
   * @throws ConfigurationException that names everything that cannot be
   * @throws IllegalStateException while the agent runs
   */
  public synchronized void configure(Map<String, String> properties) {
    if (running != null) {
      throw new IllegalStateException(
          "Embedded agent " + name + " is running (expected: stopped before it is configured)");
    }
    AgentProperties.Read read = AgentProperties.read(name, properties);
    read.warnings().forEach(warning -> log.warn("Embedded agent {}: {}", name, warning));
    definition = read.agent();
  }

  /**
   * Starts the channel and the sinks. A server may be away; a channel may not.
   *
   * @throws TransientException when the channel cannot start now; the agent is then stopped
   * @throws ConfigurationException when a component cannot be built as configured
   * @throws IllegalStateException when it is running, or was not configured
   */
  public synchronized void start() {
    if (definition == null || running != null) {
      throw new IllegalStateException(
          "Embedded agent "
              + name
              + (definition == null ? " is not configured" : " is running")
              + " (expected: configured and stopped)");
    }
    Entrance entrance = new Entrance();
    Agent agent = Agent.create(entrance.in(definition));
    agent.start();
    // Last of all, the source stands when its channel does.
    for (ComponentStatus status : agent.statuses()) {
      boolean isSink = status.component().startsWith("SINK");
      if (!isSink && status.state() != ComponentStatus.State.RUNNING) {
        agent.stop(Agent.STOP_LIMIT);
        throw new TransientException(
            "Embedded agent "
                + name
                + ": "
                + status.component()
                + " cannot start: "
                + status.detail()
                + ". The agent was stopped.");
      }
    }
    running = new Running(agent, entrance);
  }

  /**
   * Puts an event into the channel; returns when it is there.
   *
   * @throws io.millrace.api.ChannelFullException when the channel had no room in its keep-alive
   *     time
   * @throws io.millrace.api.StorageException when its storage fails
   * @throws io.millrace.api.RejectedException when it can never take the event
   * @throws InterruptedException when interrupted while waiting; the channel may have the event
   * @throws IllegalStateException when the agent does not run
   */
  public void put(Event event) throws InterruptedException {
    putAll(event.asBatch());
  }

  /**
   * Puts events into the channel; returns when all are there. More than the channel's transaction
   * capacity go in several parts. Fails as {@link #put} does; some may then be in the channel.
   */
  public void putAll(List<Event> events) throws InterruptedException {
    if (!events.isEmpty()) {
      putAll(EventBatch.join(events.stream().map(Event::asBatch).toList()));
    }
  }

  /** As {@link #putAll(List)}. */
  public void putAll(EventBatch batch) throws InterruptedException {
    Running current = running;
    if (current == null) {
      throw new IllegalStateException(
          "Embedded agent " + name + " does not run (expected: started before a put)");
    }
    try {
      current.entrance().output().emit(batch).get();
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  private static RuntimeException thrown(Throwable failure) {
    return failure instanceof MillraceException e ? e : new IllegalStateException(failure);
  }

  /** As {@link #stop(Duration)}, in ten seconds. */
  public boolean stop() {
    return stop(Agent.STOP_LIMIT);
  }

  /**
   * Refuses further puts, lets a memory channel drain, and stops everything within the limit. Safe
   * without start, and to call again.
   *
   * @return false when something did not stop in time, or events of a memory channel were lost
   */
  public synchronized boolean stop(Duration limit) {
    Running current = running;
    running = null;
    return current == null || current.agent().stop(limit);
  }

  @Override
  public void close() {
    stop();
  }
}
