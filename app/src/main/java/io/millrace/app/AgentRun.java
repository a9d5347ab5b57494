/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.admin.Route;
import io.millrace.app.health.Farewell;
import io.millrace.app.service.ServiceNotice;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.reload.ConfigurationWatch;
import io.millrace.engine.reload.ReloadResult;
import io.millrace.engine.reload.Reloader;
import io.millrace.engine.runtime.Agent;
import io.millrace.engine.runtime.ComponentStatus;
import io.millrace.engine.runtime.Supervision;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;

/**
 * An agent with its monitoring, from start to stop. Confined to the command's thread; the agent
 * starts on one of its own, so that a stop can come meanwhile.
 */
final class AgentRun implements AutoCloseable {
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Agent agent;
  private final Optional<Administration> administration;
  private final ConfigurationWatch watch;
  private final Optional<ServiceNotice> notice;
  private final Logger log;
  private Duration saidFarewellFor = Duration.ZERO;
  private final CompletableFuture<Void> started = new CompletableFuture<>();
  private boolean isStopped;

  private AgentRun(
      Agent agent,
      Optional<Administration> administration,
      ConfigurationWatch watch,
      Optional<ServiceNotice> notice,
      Logger log) {
    this.agent = agent;
    this.administration = administration;
    this.watch = watch;
    this.notice = notice;
    this.log = log;
  }

  /**
   * Builds everything and begins to start it.
   *
   * @throws io.millrace.api.ConfigurationException when a component cannot be built as configured
   */
  static AgentRun start(AgentDefinition definition, ReloadSettings reload, Logger log) {
    Agent agent = Agent.create(definition, Supervision.of(System::getProperty, OutOfMemory::end));
    Optional<ServiceNotice> notice =
        ServiceNotice.open(System.getenv(), agent::sinceLastTurn, () -> statusLine(agent));
    Reloader reloader =
        new Reloader(
            agent,
            reload.files(),
            reload.fingerprint(),
            notice.<Reloader.Listener>map(told -> told).orElse(Reloader.Listener.NONE));
    long restarts = Long.getLong("millrace.supervisor.restarts", 0);
    agent.metrics().component(MetricKind.AGENT, agent.name()).gauge("RestartCount", () -> restarts);
    Optional<Administration> administration =
        Administration.open(
            agent,
            System::getProperty,
            List.of(
                new Administration.Command(
                    "/reload",
                    "reads the configuration again and applies what changed",
                    () -> outcome(reloader.reload("asked for over HTTP")))));
    // Before the start, which may take long: the signal would end the process else.
    ConfigurationWatch watch = ConfigurationWatch.start(reloader, reload.pollInterval());
    HangupSignal.answerWith(() -> watch.request("SIGHUP"));
    AgentRun run = new AgentRun(agent, administration, watch, notice, log);
    Thread starter = new Thread(run::startAgent, agent.name() + "/agent/start");
    starter.setDaemon(true);
    starter.start();
    return run;
  }

  private void startAgent() {
    try {
      agent.start();
      started.complete(null);
    } catch (RuntimeException | Error e) {
      started.completeExceptionally(e);
    }
  }

  /**
   * Waits until every component was tried once, and says so; not longer than until the end is asked
   * for.
   */
  void awaitStarted(AgentDefinition definition, OrderlyExit exit) throws InterruptedException {
    while (!started.isDone() && !exit.await(LOOK)) {}
    if (started.isDone()) {
      started.join();
      sayReady(definition);
      notice.ifPresent(ServiceNotice::ready);
    } else {
      log.warn("Agent {} is told to stop before all of it was started", agent.name());
    }
  }

  private static Route.Outcome outcome(ReloadResult result) {
    return new Route.Outcome(result.isInForce(), result.message());
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
   * Takes readiness away and gives load balancers the time to turn elsewhere.
   *
   * @param wait ends early when the process is told to stop once more
   */
  void sayFarewell(Farewell farewell, Farewell.Wait wait) throws InterruptedException {
    if (administration.isEmpty()) {
      return;
    }
    Duration taken = administration.get().sayFarewell(farewell, wait);
    if (farewell.configured().isEmpty()) {
      saidFarewellFor = taken;
    }
    if (taken.toMillis() > 0) {
      log.info(
          "Agent {} was not ready for {} ms, for load balancers to turn elsewhere",
          agent.name(),
          taken.toMillis());
    }
  }

  /**
   * Stops in order. What a farewell that nobody configured took is not added to the time.
   *
   * @return whether all stopped in time and nothing was lost
   */
  boolean stop() {
    isStopped = true;
    notice.ifPresent(ServiceNotice::stopping);
    watch.close();
    administration.ifPresent(Administration::stopping);
    Duration limit = Agent.STOP_LIMIT.minus(saidFarewellFor);
    log.info("Agent {} is told to stop; it has {} s", agent.name(), limit.toSeconds());
    boolean clean = agent.stop(limit);
    administration.ifPresent(Administration::close);
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
