/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A sink group with the definitions of its members, in their order. Immutable. */
record GroupedSinks(SinkGroupDefinition group, List<SinkDefinition> members) {
  GroupedSinks {
    members = List.copyOf(members);
  }

  /** Every group of an agent by its key. */
  static Map<String, GroupedSinks> byKey(AgentDefinition agent) {
    Map<String, SinkDefinition> sinks =
        agent.sinks().stream().collect(Collectors.toMap(SinkDefinition::name, Function.identity()));
    Map<String, GroupedSinks> groups = new LinkedHashMap<>();
    for (SinkGroupDefinition group : agent.sinkGroups()) {
      GroupedSinks grouped =
          new GroupedSinks(group, group.sinks().stream().map(sinks::get).toList());
      groups.put(grouped.key(), grouped);
    }
    return groups;
  }

  /** The group of a sink that stands in none may have the name of another group. */
  String key() {
    return isAlone() ? group.name() : "group " + group.name();
  }

  boolean isAlone() {
    return group.equals(SinkGroupDefinition.alone(group.name()));
  }

  /** Names of the channels that the members take from. */
  Set<String> channels() {
    return members.stream()
        .map(SinkDefinition::channel)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Those, and the ones that get what the members reject. */
  Set<String> allChannels() {
    Set<String> all = channels();
    members.forEach(member -> member.deadLetterChannel().ifPresent(all::add));
    return all;
  }
}
