/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import io.millrace.api.LogLimit;
import io.millrace.app.health.AgentHealth;
import io.millrace.app.health.ComponentHealth;
import io.millrace.app.prometheus.MetricDeclaration.Type;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.DistributionSummary;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.metrics.MetricVisitor;
import io.millrace.engine.runtime.ComponentStatus;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of an agent under the names of the {@link MetricTable}, what Flume has also under the
 * names that Flume 2 gives it. Safe for many threads.
 */
final class AgentFamilies {
  private static final Logger log = LoggerFactory.getLogger(AgentFamilies.class);

  /** Gauges that Flume exports, in any kind of component. */
  private static final Set<String> FLUME_GAUGES =
      Set.of("ChannelSize", "ChannelCapacity", "OpenConnectionCount", "Open", "Unhealthy");

  /** Counters of Flume's file channel, beside those of every channel. */
  private static final Set<String> FLUME_FILE_CHANNEL_COUNTERS =
      Set.of(
          "EventPutErrorCount",
          "EventTakeErrorCount",
          "CheckpointWriteErrorCount",
          "CheckpointBackupWriteErrorCount");

  private final MetricTable table;
  private final String version;
  private final LogLimit failureLog = new LogLimit(Duration.ofMinutes(1));

  AgentFamilies(MetricTable table, String version) {
    this.table = table;
    this.version = version;
  }

  List<MetricSnapshot> snapshots(AgentHealth health, List<ComponentMetrics> components) {
    Families families = new Families();
    addHealth(health, families);
    for (ComponentMetrics component : components) {
      component.visit(new Collector(health.agent(), component, families));
    }
    return families.snapshots();
  }

  private void addHealth(AgentHealth health, Families families) {
    Labels agent = Labels.of("agent", health.agent());
    families.add(table.need("health", "Build"), Labels.of("version", version), 1);
    families.add(table.need("health", "Live"), agent, bit(health.isLive()));
    families.add(table.need("health", "Ready"), agent, bit(health.isReady()));
    families.add(table.need("health", "Stopping"), agent, bit(health.isStopping()));
    for (ComponentHealth component : health.components()) {
      Labels labels =
          Labels.of(
              "agent",
              health.agent(),
              "kind",
              lower(component.kind()),
              "component",
              component.name());
      families.add(
          table.need("health", "ComponentRunning"),
          labels.add("type", component.type()),
          bit(component.isRunning()));
      for (ComponentStatus.State state : ComponentStatus.State.values()) {
        families.add(
            table.need("health", "ComponentState"),
            labels.add("state", state.name().toLowerCase(Locale.ROOT)),
            bit(component.state() == state));
      }
      component
          .lastProgress()
          .ifPresent(
              last ->
                  families.add(
                      table.need("health", "LastProgress"), labels, last.toEpochMilli() / 1e3));
      if (component.kind() == MetricKind.CHANNEL) {
        families.add(
            table.need("health", "ChannelAccepting"),
            Labels.of("agent", health.agent(), "component", component.name()),
            bit(component.isRunning() && component.problem().isEmpty()));
      }
    }
  }

  private static double bit(boolean value) {
    return value ? 1 : 0;
  }

  private static String lower(MetricKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Puts one component's metrics into the families. */
  private final class Collector implements MetricVisitor {
    private final ComponentMetrics component;
    private final String kind;
    private final Labels labels;
    private final Labels flumeLabels;
    private final Families families;

    private Collector(String agent, ComponentMetrics component, Families families) {
      this.component = component;
      this.kind = lower(component.kind());
      this.labels = Labels.of("agent", agent, "component", component.component());
      this.flumeLabels = Labels.of("component", component.component());
      this.families = families;
    }

    @Override
    public void counter(String name, long value) {
      put(table.find(kind, name, Type.COUNTER), value);
      if (component.kind().counters().contains(name)
          || FLUME_FILE_CHANNEL_COUNTERS.contains(name)) {
        families.add(flumes(name, "Flume_" + name + "_total", Type.COUNTER), flumeLabels, value);
      }
    }

    @Override
    public void gauge(String name, Supplier<Number> gauge) {
      double value;
      try {
        value = gauge.get().doubleValue();
      } catch (RuntimeException e) {
        if (failureLog.allows()) {
          log.warn("{} of {} cannot be read and is left out", name, component.key(), e);
        }
        return;
      }
      put(table.find(kind, name, Type.GAUGE), value);
      if (FLUME_GAUGES.contains(name)) {
        families.add(flumes(name, "Flume_" + name, Type.GAUGE), flumeLabels, value);
      }
    }

    @Override
    public void distribution(String name, DistributionSummary value) {
      families.add(table.find(kind, name, Type.SUMMARY), labels, value);
    }

    /** A name that all kinds share needs the kind among its labels. */
    private void put(MetricDeclaration declaration, double value) {
      boolean isShared = declaration.exported().startsWith("millrace_component_");
      families.add(declaration, isShared ? labels.add("kind", kind) : labels, value);
    }

    private MetricDeclaration flumes(String name, String exported, Type type) {
      return new MetricDeclaration(
          kind, name, exported, type, 1, false, "The name that Flume 2 gives it.");
    }
  }
}
