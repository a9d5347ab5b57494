/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.service.ServiceNotice;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.runtime.Agent;
import io.millrace.engine.runtime.ComponentStatus;
import io.millrace.engine.runtime.Supervision;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;

/** An agent with its monitoring, from start to stop. Confined to the command's thread. */
final class AgentRun implements AutoCloseable {
  private final Agent agent;
  private final Optional<MetricsEndpoint> endpoint;
  private final Optional<ServiceNotice> notice;
  private final Logger log;
  private boolean isStopped;

  private AgentRun(Agent agent, Optional<MetricsEndpoint> endpoint, Logger log) {
    this.agent = agent;
    this.endpoint = endpoint;
    this.notice =
        ServiceNotice.open(System.getenv(), agent::sinceTurn, () -> statusLine(agent));
    this.log = log;
  }

  /**
   * Starts everything and says so.
   *
   * @throws io.millrace.api.ConfigurationException when a component cannot be built as configured
   */
  static AgentRun start(AgentDefinition definition, Logger log) {
    Agent agent =
        Agent.create(definition, Supervision.of(System::getProperty, OutOfMemory::end));
    Optional<MetricsEndpoint> endpoint =
        new Monitoring(System::getProperty).open(agent.metrics()::snapshot);
    AgentRun run = new AgentRun(agent, endpoint, log);
    agent.start();
    run.sayReady(definition);
    run.notice.ifPresent(ServiceNotice::ready);
    return run;
  }

  /** How the agent does, in a line. */
  private static String statusLine(Agent agent) {
    List<String> others =
        agent.statuses().stream()
            .filter(status -> status.state() != ComponentStatus.State.RUNNING)
            .map(status -> status.component() + " is " + status.state())
            .toList();
    return others.isEmpty() ? "running" : "running in part: " + String.join(", ", others);
  }

  private void sayReady(AgentDefinition definition) {
    List<ComponentStatus> waiting =
        agent.statuses().stream()
            .filter(status -> status.state() != ComponentStatus.State.RUNNING)
            .toList();
    long millis = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    String parts =
        counted(definition.sources().size(), "source")
            + ", "
            + counted(definition.channels().size(), "channel")
            + ", "
            + counted(definition.sinks().size(), "sink");
    String time = String.format(Locale.ROOT, "%.1f s after the start of the process", millis / 1e3);
    if (waiting.isEmpty()) {
      log.info("Agent {} is running: {}; {}", agent.name(), parts, time);
    } else {
      log.warn(
          "Agent {} is running in part: {}; {}. Not up yet, and tried again: {}",
          agent.name(),
          parts,
          time,
          waiting.stream().map(ComponentStatus::component).toList());
    }
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /**
   * Stops in order.
   *
   * @return whether all stopped in time and nothing was lost
   */
  boolean stop() {
    isStopped = true;
    notice.ifPresent(ServiceNotice::stopping);
    log.info("Agent {} is told to stop; it has {} s", agent.name(), Agent.STOP_LIMIT.toSeconds());
    boolean clean = agent.stop(Agent.STOP_LIMIT);
    endpoint.ifPresent(MetricsEndpoint::close);
    notice.ifPresent(ServiceNotice::close);
    return clean;
  }

  @Override
  public void close() {
    if (!isStopped) {
      stop();
    }
  }
}
