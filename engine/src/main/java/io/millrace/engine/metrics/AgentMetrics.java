/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of every component of one agent, for JMX and for whoever asks for a snapshot. Safe
 * for many threads.
 */
public final class AgentMetrics implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentMetrics.class);

  private final Map<String, ComponentMetrics> components = new ConcurrentSkipListMap<>();
  private final MBeanServer beans;
  private final Map<String, ObjectName> registered = new HashMap<>();

  public AgentMetrics(MBeanServer beans) {
    this.beans = beans;
  }

  /**
   * The metrics of a component, registered as {@code org.apache.flume.<kind>:type=<name>}, the name
   * that monitoring of Flume looks for.
   */
  public ComponentMetrics component(MetricKind kind, String name) {
    ComponentMetrics metrics = new ComponentMetrics(kind, name);
    ComponentMetrics existing = components.putIfAbsent(metrics.key(), metrics);
    if (existing != null) {
      return existing;
    }
    register(metrics);
    return metrics;
  }

  /** Metrics of a component that is built and may come to nothing; {@link #publish} shows them. */
  public ComponentMetrics detached(MetricKind kind, String name) {
    return new ComponentMetrics(kind, name);
  }

  /** Shows the metrics, in the place of those that the component's predecessor had. */
  public void publish(ComponentMetrics metrics) {
    components.put(metrics.key(), metrics);
    register(metrics);
  }

  /** Takes the metrics away, unless others stand in their place already. */
  public void withdraw(ComponentMetrics metrics) {
    if (components.remove(metrics.key(), metrics)) {
      unregister(metrics.key());
    }
  }

  public List<ComponentMetrics> components() {
    return List.copyOf(components.values());
  }

  /**
   * Every value as text, by component key ({@code CHANNEL.c1}) and name, as Flume's JSON has it.
   */
  public Map<String, Map<String, String>> snapshot() {
    Map<String, Map<String, String>> snapshot = new TreeMap<>();
    components.forEach(
        (key, metrics) -> {
          Map<String, String> values = new TreeMap<>();
          metrics.values().forEach((name, value) -> values.put(name, String.valueOf(value)));
          snapshot.put(key, values);
        });
    return snapshot;
  }

  private synchronized void register(ComponentMetrics metrics) {
    unregister(metrics.key());
    String domain = "org.apache.flume." + metrics.kind().name().toLowerCase(Locale.ROOT);
    try {
      ObjectName name = new ObjectName(domain + ":type=" + quoted(metrics.component()));
      beans.registerMBean(new ComponentBean(metrics), name);
      registered.put(metrics.key(), name);
    } catch (JMException e) {
      // Two agents in one process may share a name: the first keeps the bean, JSON has both.
      log.warn("Metrics of {} are not shown over JMX: {}", metrics.key(), e.toString());
    }
  }

  private static String quoted(String name) {
    return name.matches("[^,=:\"*?\\n]+") ? name : ObjectName.quote(name);
  }

  private synchronized void unregister(String key) {
    ObjectName name = registered.remove(key);
    if (name == null) {
      return;
    }
    try {
      beans.unregisterMBean(name);
    } catch (JMException e) {
      log.debug("Bean {} was gone already: {}", name, e.toString());
    }
  }

  @Override
  public synchronized void close() {
    List.copyOf(registered.keySet()).forEach(this::unregister);
  }
}
