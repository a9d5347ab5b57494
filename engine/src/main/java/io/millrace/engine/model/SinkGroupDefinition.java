/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import java.util.ArrayList;
import java.util.List;

/**
 * Sinks that share deliveries, and how. The members of a failover group stand in the order in which
 * they are tried, those of another one in the order of the list. Members that read different
 * channels share nothing. Immutable.
 *
 * @param name as in the configuration; that of its sink for a sink that stands in no group, which
 *     may be the name of a group as well
 */
public record SinkGroupDefinition(String name, SinkProcessor processor, List<Member> members) {
  /**
   * A sink of a group.
   *
   * @param priority larger is tried first; 0 where the processor knows no priorities
   */
  public record Member(String sink, long priority) {}

  public SinkGroupDefinition {
    members = List.copyOf(members);
    if (members.isEmpty() || (processor instanceof SingleSink && members.size() > 1)) {
      throw new IllegalArgumentException(
          "members of "
              + name
              + ": "
              + members.size()
              + " (expected: "
              + (members.isEmpty() ? "one at least" : "one")
              + ")");
    }
  }

  /** The group of a sink that stands in none. */
  public static SinkGroupDefinition alone(String sink) {
    return new SinkGroupDefinition(sink, new SingleSink(), List.of(new Member(sink, 0)));
  }

  /** Names of the sinks, in the order of the members. */
  public List<String> sinks() {
    return members.stream().map(Member::sink).toList();
  }

  /** These groups, and one for each sink that stands in none of them, at its end. */
  static List<SinkGroupDefinition> complete(
      List<SinkGroupDefinition> groups, List<SinkDefinition> sinks) {
    List<String> unknown = new ArrayList<>();
    groups.forEach(group -> unknown.addAll(group.sinks()));
    List<SinkGroupDefinition> all = new ArrayList<>(groups);
    for (SinkDefinition sink : sinks) {
      if (!unknown.remove(sink.name())) {
        all.add(alone(sink.name()));
      }
    }
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "sinks of groups: " + unknown + " (expected: sinks of the agent, each in one group)");
    }
    return List.copyOf(all);
  }
}
