/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import io.millrace.app.admin.Answer;
import io.millrace.app.admin.Request;
import io.millrace.app.admin.Route;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * {@code /health/live}, {@code /health/ready} and {@code /health}: the status says it to machines,
 * the JSON to people. Safe for many threads.
 */
public final class HealthRoutes {
  /**
   * Of an agent that is told to stop: HAProxy then sends nobody there and leaves the connections
   * that are open to end in order ({@code http-check disable-on-404}); to everybody else it is a
   * failure like any other.
   */
  private static final int LEAVING = 404;

  private final Supplier<AgentHealth> health;
  private final ReadinessPolls polls;
  private final LongSupplier nanoClock;

  public HealthRoutes(Supplier<AgentHealth> health, ReadinessPolls polls, LongSupplier nanoClock) {
    this.health = health;
    this.polls = polls;
    this.nanoClock = nanoClock;
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/health/live", "200 while the process works, else 503", this::live),
        Route.get(
            "/health/ready", "200 while events are taken, 404 in a stop, else 503", this::ready),
        Route.get("/health", "every component and why (JSON)", this::detail));
  }

  private Answer live(Request request) {
    AgentHealth now = health.get();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("live", now.isLive());
    tree.put("agent", now.agent());
    tree.put("reasons", now.deadReasons());
    return Answer.readableJson(now.isLive() ? 200 : 503, tree);
  }

  private Answer ready(Request request) {
    AgentHealth now = health.get();
    List<String> reasons = now.unreadyReasons(request.parameter("source"));
    polls.asked(request.peer(), reasons.isEmpty(), nanoClock.getAsLong());
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("ready", reasons.isEmpty());
    tree.put("agent", now.agent());
    tree.put("reasons", reasons);
    int refusal = now.isStopping() ? LEAVING : 503;
    return Answer.readableJson(reasons.isEmpty() ? 200 : refusal, tree);
  }

  private Answer detail(Request request) {
    AgentHealth now = health.get();
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("agent", now.agent());
    tree.put("live", now.isLive());
    tree.put("ready", now.isReady());
    tree.put("reasons", now.unreadyReasons(Optional.empty()));
    tree.put("stopping", now.isStopping());
    tree.put("seen", text(now.at()));
    tree.put("components", now.components().stream().map(one -> tree(one, now.at())).toList());
    return Answer.readableJson(now.isLive() ? 200 : 503, tree);
  }

  private static Map<String, Object> tree(ComponentHealth component, Instant now) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("component", component.key());
    tree.put("kind", component.kind().name().toLowerCase(Locale.ROOT));
    tree.put("name", component.name());
    tree.put("type", component.type());
    tree.put("state", component.state().name().toLowerCase(Locale.ROOT));
    tree.put("since", text(component.since()));
    if (!component.detail().isEmpty()) {
      tree.put("detail", component.detail());
    }
    component.fill().ifPresent(fill -> put(fill, component.problem(), tree));
    if (!component.feeds().isEmpty()) {
      tree.put("channels", component.feeds());
    }
    component
        .lastProgress()
        .ifPresent(
            last -> {
              tree.put("lastProgress", text(last));
              tree.put("secondsSinceProgress", Duration.between(last, now).toSeconds());
            });
    return tree;
  }

  private static void put(ComponentHealth.Fill fill, String problem, Map<String, Object> tree) {
    tree.put("events", fill.events());
    if (fill.isBounded()) {
      tree.put("capacity", fill.capacityEvents());
      tree.put("room", fill.roomEvents());
      tree.put("fillPercent", Math.round(1000.0 * fill.events() / fill.capacityEvents()) / 10.0);
    }
    tree.put("accepts", problem.isEmpty());
    if (!problem.isEmpty()) {
      tree.put("problem", problem);
    }
  }

  private static String text(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}
