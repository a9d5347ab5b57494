/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Points at sinks that share a channel, which many take for a copy to each. Stateless. */
final class SharedChannels {
  private SharedChannels() {}

  static void addHints(AgentText text, SinkGroups groups, List<Problem> problems) {
    Map<String, Map<String, Setting>> sinksByChannel = new LinkedHashMap<>();
    for (String sink : text.listed(Part.SINKS)) {
      Section section = text.sections(Part.SINKS).get(sink);
      if (section != null && section.find("channel").isPresent()) {
        Setting channel = section.find("channel").get();
        sinksByChannel
            .computeIfAbsent(channel.value(), name -> new LinkedHashMap<>())
            .put(sink, channel);
      }
    }
    sinksByChannel.forEach((channel, sinks) -> hint(channel, sinks, groups, problems));
  }

  private static void hint(
      String channel, Map<String, Setting> sinks, SinkGroups groups, List<Problem> problems) {
    long parties =
        sinks.keySet().stream()
            .map(sink -> groups.groupOf(sink).map(group -> "group " + group).orElse(sink))
            .distinct()
            .count();
    if (parties < 2) {
      return;
    }
    List<Setting> places = new ArrayList<>(sinks.values());
    problems.add(
        places
            .get(places.size() - 1)
            .hint(
                "the sinks "
                    + String.join(", ", sinks.keySet())
                    + " share channel '"
                    + channel
                    + "' and split its events; each event goes to one of them",
                "To copy events give each sink a channel of its own."));
  }
}
