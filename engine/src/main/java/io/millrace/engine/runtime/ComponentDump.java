/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a component is doing now, as text for the log. Stateless. */
final class ComponentDump {
  private static final int MAX_THREADS = 32;
  private static final int MAX_FRAMES = 64;

  private ComponentDump() {}

  /**
   * Its status and the stacks of its threads. Nothing of the component itself is asked: it may hold
   * the locks that its answer would need.
   */
  static String of(String agent, ComponentMetrics metrics, ComponentStatus status) {
    StringBuilder text = new StringBuilder("Status: ").append(status.state());
    text.append(status.detail().isEmpty() ? "" : ", ").append(status.detail()).append(". ");
    String prefix =
        agent + "/" + metrics.kind().name().toLowerCase(Locale.ROOT) + "/" + metrics.component();
    List<Map.Entry<Thread, StackTraceElement[]>> threads =
        Thread.getAllStackTraces().entrySet().stream()
            .filter(entry -> entry.getKey().getName().startsWith(prefix + "/"))
            .sorted(Comparator.comparing(entry -> entry.getKey().getName()))
            .toList();
    text.append("Threads: ").append(threads.size());
    threads.stream().limit(MAX_THREADS).forEach(entry -> append(text, entry));
    if (threads.size() > MAX_THREADS) {
      text.append("\n  and ").append(threads.size() - MAX_THREADS).append(" more");
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Map.Entry<Thread, StackTraceElement[]> thread) {
    text.append("\n  ").append(thread.getKey().getName());
    text.append(" (").append(thread.getKey().getState()).append(')');
    StackTraceElement[] frames = thread.getValue();
    for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
      text.append("\n    at ").append(frames[i]);
    }
    if (frames.length > MAX_FRAMES) {
      text.append("\n    and ").append(frames.length - MAX_FRAMES).append(" more");
    }
  }
}
