/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Checks the sink groups of an agent. This version runs groups of one sink, which is that sink; the
 * processors {@code failover} and {@code load_balance} are checked and refused. Confined to one
 * check.
 */
final class SinkGroups {
  private static final List<String> PROCESSORS = List.of("default", "failover", "load_balance");
  private static final Map<String, String> PROCESSOR_CLASSES =
      Map.of(
          "org.apache.flume.sink.defaultsinkprocessor", "default",
          "org.apache.flume.sink.failoversinkprocessor", "failover",
          "org.apache.flume.sink.loadbalancingsinkprocessor", "load_balance");
  private static final List<String> KEYS =
      List.of(
          "sinks",
          "processor.type",
          "processor.maxpenalty",
          "processor.backoff",
          "processor.selector",
          "processor.selector.maxTimeOut",
          "processor.sinks");
  private static final List<String> KEY_PREFIXES =
      List.of("processor.priority.", "processor.selector.");

  private final AgentText text;
  private final List<Problem> problems;
  private final Map<String, String> groupOfSink = new HashMap<>();
  private final Set<String> sinksOfUnusableGroups = new HashSet<>();

  SinkGroups(AgentText text, List<Problem> problems) {
    this.text = text;
    this.problems = problems;
    for (String name : text.listed(Part.SINK_GROUPS)) {
      Section section = text.sections(Part.SINK_GROUPS).get(name);
      // A missing section is said where the lists are compared with what is configured.
      if (section != null) {
        check(name, section);
      }
    }
  }

  /** The group of a sink, if it has one. */
  Optional<String> groupOf(String sink) {
    return Optional.ofNullable(groupOfSink.get(sink));
  }

  /** Whether a sink stands in a group that cannot run, and so must not run either. */
  boolean isUnusable(String sink) {
    return sinksOfUnusableGroups.contains(sink);
  }

  private void check(String name, Section section) {
    Optional<Setting> list = section.find("sinks");
    if (list.isEmpty()) {
      problems.add(section.error("sinks", "is required and not set", "List the group's sinks."));
      return;
    }
    List<String> listed = NameList.read(list.get(), problems);
    List<String> members =
        listed.stream().filter(sink -> isMember(name, list.get(), sink)).toList();
    members.forEach(sink -> groupOfSink.put(sink, name));
    if (!isRunnable(section, list.get(), members.size())) {
      sinksOfUnusableGroups.addAll(members);
    }
    describeKeys(section, listed);
  }

  private boolean isMember(String group, Setting list, String sink) {
    if (!text.listed(Part.SINKS).contains(sink)) {
      problems.add(
          list.error(
              "'" + sink + "' is not a sink of this agent",
              NearestName.question(sink, text.listed(Part.SINKS))));
      return false;
    }
    if (groupOfSink.containsKey(sink)) {
      problems.add(
          list.error(
              "'" + sink + "' is already in the group '" + groupOfSink.get(sink) + "'",
              "A sink can be in one group only."));
      return false;
    }
    return !groupOfSink.containsKey(sink) && !group.isEmpty();
  }

  private boolean isRunnable(Section section, Setting list, int members) {
    Optional<Setting> type = section.find("processor.type");
    String word = type.map(t -> t.value().toLowerCase(Locale.ROOT)).orElse("default");
    String processor = PROCESSOR_CLASSES.getOrDefault(word, word);
    if (processor.equals("default")) {
      if (members > 1) {
        problems.add(
            section.error(
                "processor.type",
                type.isEmpty()
                    ? "is required for a group of " + members + " sinks and not set"
                    : "'default' takes one sink (given: " + members + ")",
                "Choose failover or load_balance."));
      }
      return members <= 1;
    }
    Setting setting = type.orElse(list);
    if (PROCESSORS.contains(processor)) {
      problems.add(
          setting.error(
              "'"
                  + processor
                  + "' is not provided by this version of Millrace; a later one runs it",
              "Until then give each sink a channel of its own, or run one sink."));
    } else {
      problems.add(
          setting.error(
              setting.shown()
                  + " is no type of sink processor (expected: "
                  + String.join(", ", PROCESSORS)
                  + ")",
              NearestName.question(processor, PROCESSORS)));
    }
    return false;
  }

  private void describeKeys(Section section, List<String> listed) {
    for (String key : section.keys()) {
      String priorityPrefix = KEY_PREFIXES.get(0);
      if (key.startsWith(priorityPrefix)) {
        String sink = key.substring(priorityPrefix.length());
        if (!listed.contains(sink)) {
          problems.add(
              section.problem(
                  Severity.WARNING,
                  key,
                  "'" + sink + "' is not a sink of this group; the key is ignored",
                  NearestName.question(sink, listed)));
        }
      } else if (!KEYS.contains(key) && KEY_PREFIXES.stream().noneMatch(key::startsWith)) {
        problems.add(
            section.problem(
                Severity.WARNING,
                key,
                "is not an option here and is ignored",
                NearestName.question(key, KEYS)));
      }
    }
  }
}
