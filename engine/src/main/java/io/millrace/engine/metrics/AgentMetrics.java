/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import java.util.ArrayList;
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
  private final List<ObjectName> registered = new ArrayList<>();

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
    String domain = "org.apache.flume." + metrics.kind().name().toLowerCase(Locale.ROOT);
    try {
      ObjectName name = new ObjectName(domain + ":type=" + quoted(metrics.component()));
      beans.registerMBean(new ComponentBean(metrics), name);
      registered.add(name);
    } catch (JMException e) {
      // Two agents in one process may share a name: the first keeps the bean, JSON has both.
      log.warn("Metrics of {} are not shown over JMX: {}", metrics.key(), e.toString());
    }
  }

  private static String quoted(String name) {
    return name.matches("[^,=:\"*?\\n]+") ? name : ObjectName.quote(name);
  }

  @Override
  public synchronized void close() {
    for (ObjectName name : registered) {
      try {
        beans.unregisterMBean(name);
      } catch (JMException e) {
        log.debug("Bean {} was gone already: {}", name, e.toString());
      }
    }
    registered.clear();
  }
}
