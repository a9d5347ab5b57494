/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.SinkDefinition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Looks where rejected events go: never back to where they came from. Stateless. */
final class DeadLetters {
  private DeadLetters() {}

  /** The sinks whose dead letters cannot come round; of the others it is said. */
  static List<SinkDefinition> withoutCycles(
      AgentText text, List<SinkDefinition> sinks, List<Problem> problems) {
    // Where what is in a channel may go when its sinks reject it.
    Map<String, Set<String>> leads = new HashMap<>();
    List<SinkDefinition> kept = new ArrayList<>();
    for (SinkDefinition sink : sinks) {
      String to = sink.deadLetterChannel().orElse("");
      if (!to.isEmpty() && reaches(to, sink.channel(), leads)) {
        problems.add(problem(setting(text, sink), sink, to));
        continue;
      }
      if (!to.isEmpty()) {
        leads.computeIfAbsent(sink.channel(), channel -> new TreeSet<>()).add(to);
      }
      kept.add(sink);
    }
    return kept;
  }

  private static boolean reaches(String from, String to, Map<String, Set<String>> leads) {
    Set<String> seen = new TreeSet<>(Set.of(from));
    List<String> open = new ArrayList<>(seen);
    while (!open.isEmpty()) {
      String channel = open.remove(open.size() - 1);
      if (channel.equals(to)) {
        return true;
      }
      leads.getOrDefault(channel, Set.of()).stream().filter(seen::add).forEach(open::add);
    }
    return false;
  }

  private static Setting setting(AgentText text, SinkDefinition sink) {
    return text.sections(Part.SINKS)
        .get(sink.name())
        .find(EngineOptions.DEAD_LETTER_CHANNEL)
        .orElseThrow();
  }

  private static Problem problem(Setting setting, SinkDefinition sink, String to) {
    return setting.error(
        to.equals(sink.channel())
            ? "is the channel that the sink reads itself: what it rejects would come back to it"
            : "what the sink rejects would come back from '"
                + to
                + "' to '"
                + sink.channel()
                + "', by the dead letters of the sinks between them",
        "Name a channel of its own, drained by a sink that takes everything, such as file_roll.");
  }
}
