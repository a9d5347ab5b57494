/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import io.millrace.app.admin.AdminEndpoint;
import io.millrace.app.admin.Answer;
import io.millrace.app.admin.Route;
import io.millrace.app.health.AgentWatch;
import io.millrace.app.health.Farewell;
import io.millrace.app.health.HealthRoutes;
import io.millrace.app.health.ReadinessPolls;
import io.millrace.app.prometheus.PrometheusPage;
import io.millrace.engine.runtime.Agent;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What an agent shows and takes over HTTP, and the watch that its health answers come from. Safe
 * for many threads.
 */
final class Administration implements AutoCloseable {
  /**
   * Something that an operator may have done: {@code POST path}.
   *
   * @param summary what it does, in a few words
   */
  record Command(String path, String summary, Supplier<Route.Outcome> action) {}

  private final AgentWatch watch;
  private final ReadinessPolls polls;
  private final AdminEndpoint endpoint;

  private Administration(AgentWatch watch, ReadinessPolls polls, AdminEndpoint endpoint) {
    this.watch = watch;
    this.polls = polls;
    this.endpoint = endpoint;
  }

  /**
   * Opens the endpoint if it is asked for; without it there is no watch either.
   *
   * @param properties gives a system property, or null
   */
  static Optional<Administration> open(
      Agent agent, UnaryOperator<String> properties, List<Command> commands) {
    Monitoring monitoring = new Monitoring(properties);
    Optional<InetSocketAddress> address = monitoring.address();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    AgentWatch watch = AgentWatch.start(agent);
    ReadinessPolls polls = new ReadinessPolls();
    List<Route> routes = new ArrayList<>();
    routes.add(
        Route.any(
            "/metrics",
            "every figure, in the form of Flume (JSON)",
            request -> Answer.json(200, agent.metrics().snapshot())));
    routes.add(
        Route.get(
            "/metrics/prometheus",
            "every figure, for Prometheus",
            new PrometheusPage(
                watch::health, agent.metrics()::components, new BuildVersion().number())));
    routes.addAll(new HealthRoutes(watch::health, polls, System::nanoTime).routes());
    for (Command command : commands) {
      routes.add(
          Route.command(
              command.path(), command.summary(), monitoring.commandAccess(), command.action()));
    }
    Optional<AdminEndpoint> endpoint = monitoring.open(address.get(), routes);
    if (endpoint.isEmpty()) {
      watch.close();
    }
    return endpoint.map(open -> new Administration(watch, polls, open));
  }

  InetSocketAddress address() {
    return endpoint.address();
  }

  /** The stop signal came: not ready from now on. Live until the end. */
  void stopping() {
    watch.stopping();
  }

  /**
   * Takes readiness away and waits until load balancers know.
   *
   * @return how long that took
   */
  Duration sayFarewell(Farewell farewell, Farewell.Wait wait) throws InterruptedException {
    stopping();
    return farewell.take(polls, wait, System::nanoTime);
  }

  @Override
  public void close() {
    endpoint.close();
    watch.close();
  }
}
