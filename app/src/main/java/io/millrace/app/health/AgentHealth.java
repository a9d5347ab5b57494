/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import io.millrace.engine.metrics.MetricKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An agent as it was seen at one time. Immutable.
 *
 * @param isStarted false until every component was tried once
 * @param isStopping from the stop signal on
 * @param deadReasons why the process is of no more use; empty while it lives
 * @param components sources, channels, sinks, each in the order of their names
 */
public record AgentHealth(
    String agent,
    Instant at,
    boolean isStarted,
    boolean isStopping,
    List<String> deadReasons,
    List<ComponentHealth> components) {
  public AgentHealth {
    deadReasons = List.copyOf(deadReasons);
    components = List.copyOf(components);
  }

  public boolean isLive() {
    return deadReasons.isEmpty();
  }

  public boolean isReady() {
    return unreadyReasons(Optional.empty()).isEmpty();
  }

  /**
   * Why the agent takes no events now, in words; empty when it does.
   *
   * @param source asks for this one alone; empty for all
   */
  public List<String> unreadyReasons(Optional<String> source) {
    if (isStopping) {
      return List.of("the agent is told to stop");
    }
    List<String> reasons = new ArrayList<>(deadReasons);
    if (!isStarted) {
      reasons.add("the agent is starting");
    }
    List<ComponentHealth> asked =
        components.stream()
            .filter(component -> component.kind() == MetricKind.SOURCE)
            .filter(component -> source.isEmpty() || component.name().equals(source.get()))
            .toList();
    if (source.isPresent() && asked.isEmpty() && isStarted) {
      reasons.add("there is no source " + source.get());
    }
    List<String> channels = new ArrayList<>();
    for (ComponentHealth component : asked) {
      if (!component.isWell()) {
        reasons.add(standing(component));
      }
      component.feeds().stream().filter(name -> !channels.contains(name)).forEach(channels::add);
    }
    for (ComponentHealth component : components) {
      if (component.kind() == MetricKind.CHANNEL && channels.contains(component.name())) {
        if (!component.isWell()) {
          reasons.add(standing(component));
        } else if (!component.problem().isEmpty()) {
          reasons.add("channel " + component.name() + ": " + component.problem());
        }
      }
    }
    return reasons;
  }

  private static String standing(ComponentHealth component) {
    String state = component.state().name().toLowerCase(Locale.ROOT);
    return component.kind().name().toLowerCase(Locale.ROOT)
        + " "
        + component.name()
        + " is "
        + state
        + (component.detail().isEmpty() ? "" : ": " + component.detail());
  }
}
