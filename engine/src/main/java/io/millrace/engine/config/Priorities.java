/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.SinkGroupDefinition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The order of the sinks of a failover group. Those without a priority come after all that have
 * one, in the order of the list, where Flume follows the hashes of their names. Confined to one
 * check.
 */
final class Priorities {
  private static final String PREFIX = "priority.";

  private final Section processor;
  private final List<Problem> problems;

  Priorities(Section processor, List<Problem> problems) {
    this.processor = processor;
    this.problems = problems;
  }

  /**
   * The sinks, largest priority first; says what is wrong with the priorities.
   *
   * @param listed what the group names, sinks or not
   */
  List<SinkGroupDefinition.Member> inOrder(List<String> listed, List<String> sinks) {
    describeStrangers(listed);
    Map<Integer, Setting> settings = new HashMap<>();
    List<SinkGroupDefinition.Member> members = new ArrayList<>();
    List<String> without = new ArrayList<>();
    long least = 0;
    for (String sink : sinks) {
      Optional<Setting> setting = processor.find(PREFIX + sink);
      Optional<Integer> priority = setting.flatMap(this::read);
      if (priority.isEmpty()) {
        without.add(sink);
        continue;
      }
      Setting first = settings.putIfAbsent(priority.get(), setting.get());
      if (first != null) {
        problems.add(twice(setting.get(), first));
      }
      least = Math.min(least, priority.get());
      members.add(new SinkGroupDefinition.Member(sink, priority.get()));
    }
    if (members.isEmpty() && sinks.size() > 1) {
      problems.add(
          processor.problem(
              Severity.HINT,
              "type",
              "no sink of the group has a priority; they are tried in the order of the list",
              "Set processor." + PREFIX + sinks.get(0) + " and so on."));
    }
    for (String sink : without) {
      least--;
      members.add(new SinkGroupDefinition.Member(sink, least));
    }
    members.sort(Comparator.comparingLong(SinkGroupDefinition.Member::priority).reversed());
    return members;
  }

  private Optional<Integer> read(Setting setting) {
    try {
      return Optional.of(Integer.valueOf(setting.value()));
    } catch (NumberFormatException e) {
      problems.add(
          setting.error(
              setting.shown()
                  + " is no priority (expected: a whole number from "
                  + Integer.MIN_VALUE
                  + " to "
                  + Integer.MAX_VALUE
                  + ")",
              ""));
      return Optional.empty();
    }
  }

  private static Problem twice(Setting second, Setting first) {
    String sink = first.key().substring(first.key().lastIndexOf('.') + 1);
    return second.error(
        "priority " + second.value() + " is that of '" + sink + "' as well (" + first.place() + ")",
        "Give each sink a priority of its own.");
  }

  private void describeStrangers(List<String> sinks) {
    for (String key : processor.keys()) {
      String sink = key.startsWith(PREFIX) ? key.substring(PREFIX.length()) : "";
      if (!sink.isEmpty() && !sinks.contains(sink)) {
        problems.add(
            processor
                .find(key)
                .orElseThrow()
                .warning(
                    "'" + sink + "' is not a sink of this group; the key is ignored",
                    NearestName.question(sink, sinks)));
      }
    }
  }
}
