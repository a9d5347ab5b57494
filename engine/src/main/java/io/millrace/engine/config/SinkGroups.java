/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.engine.config.binding.Binder;
import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SingleSink;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SinkProcessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Checks the sink groups of an agent: first what each says, then, once it is known which sinks can
 * be used, what they make. Confined to one check.
 */
final class SinkGroups {
  private static final List<String> KEYS =
      List.of(
          "sinks",
          "processor.type",
          "processor.maxpenalty",
          "processor.backoff",
          "processor.selector",
          "processor.selector.maxTimeOut");

  /** A group as the file has it. */
  private record Group(
      String name,
      Setting list,
      SinkProcessor processor,
      List<SinkGroupDefinition.Member> members) {}

  private final AgentText text;
  private final Binder binder;
  private final List<Problem> problems;
  private final Map<String, String> groupOfSink = new HashMap<>();
  private final Set<String> sinksOfUnusableGroups = new HashSet<>();
  private final List<Group> groups = new ArrayList<>();

  SinkGroups(AgentText text, Binder binder, List<Problem> problems) {
    this.text = text;
    this.binder = binder;
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

  /** The groups of the sinks that can be used. */
  List<SinkGroupDefinition> of(List<SinkDefinition> usable) {
    Map<String, String> channels =
        usable.stream().collect(Collectors.toMap(SinkDefinition::name, SinkDefinition::channel));
    List<SinkGroupDefinition> definitions = new ArrayList<>();
    for (Group group : groups) {
      List<SinkGroupDefinition.Member> members =
          group.members().stream().filter(member -> channels.containsKey(member.sink())).toList();
      compareChannels(group, members, channels);
      if (!members.isEmpty()) {
        boolean isAlone = members.size() == 1 && group.processor() instanceof LoadBalance;
        definitions.add(
            new SinkGroupDefinition(
                group.name(), isAlone ? new SingleSink() : group.processor(), members));
      }
    }
    return definitions;
  }

  private void compareChannels(
      Group group, List<SinkGroupDefinition.Member> members, Map<String, String> channels) {
    Map<String, List<String>> sinksByChannel = new LinkedHashMap<>();
    for (SinkGroupDefinition.Member member : members) {
      sinksByChannel
          .computeIfAbsent(channels.get(member.sink()), channel -> new ArrayList<>())
          .add(member.sink());
    }
    if (sinksByChannel.size() > 1) {
      problems.add(
          group
              .list()
              .warning(
                  "its sinks read different channels ("
                      + sinksByChannel.entrySet().stream()
                          .map(e -> String.join(", ", e.getValue()) + " read " + e.getKey())
                          .collect(Collectors.joining("; "))
                      + "); events can go to a sink of their own channel only, so that those of"
                      + " each channel make a group of their own",
                  "Give the sinks of a group the same channel."));
    }
  }

  private void check(String name, Section section) {
    Section processor = section.below("processor");
    Optional<Setting> list = takeList(section);
    if (list.isEmpty()) {
      problems.add(section.error("sinks", "is required and not set", "List the group's sinks."));
      section.takeAll();
      return;
    }
    List<String> listed = NameList.read(list.get(), problems);
    List<String> members = listed.stream().filter(sink -> isMember(list.get(), sink)).toList();
    members.forEach(sink -> groupOfSink.put(sink, name));
    Optional<SinkProcessor> bound = processor(section, processor, listed);
    describeUnread(section);
    if (bound.isEmpty()) {
      sinksOfUnusableGroups.addAll(members);
    } else if (!members.isEmpty()) {
      groups.add(
          new Group(
              name, list.get(), bound.get(), inOrder(bound.get(), listed, members, processor)));
    }
  }

  /** Flume's manual has the list once as {@code processor.sinks}, which Flume does not read. */
  private Optional<Setting> takeList(Section section) {
    Optional<Setting> list = section.take("sinks");
    Optional<Setting> other = section.take("processor.sinks");
    other.ifPresent(
        setting ->
            problems.add(
                list.isPresent()
                    ? setting.warning(
                        "is ignored, as " + section.fullKey("sinks") + " is set as well", "")
                    : setting.warning(
                        "is read as sinks", "Write " + section.fullKey("sinks") + " instead.")));
    return list.or(() -> other);
  }

  private boolean isMember(Setting list, String sink) {
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
    return true;
  }

  /** How the group runs; empty when it cannot, which is then said. */
  private Optional<SinkProcessor> processor(
      Section section, Section processor, List<String> listed) {
    Optional<Setting> type = processor.take("type");
    if (type.isEmpty() && listed.size() > 1) {
      problems.add(
          section.error(
              "processor.type",
              "is required for a group of " + listed.size() + " sinks and not set",
              "Choose failover or load_balance."));
      processor.takeAll();
      return Optional.empty();
    }
    Setting word =
        type.orElseGet(
            () -> Setting.of(section.fullKey("processor.type"), "default", section.place()));
    Optional<SinkProcessor> bound =
        binder
            .bind(ComponentKind.SINK_PROCESSOR, word, processor)
            .map(b -> (SinkProcessor) b.options());
    return bound.filter(options -> fits(options, word, listed, processor));
  }

  private boolean fits(
      SinkProcessor options, Setting type, List<String> listed, Section processor) {
    if (options instanceof SingleSink && listed.size() > 1) {
      problems.add(
          type.error(
              "'default' takes one sink (given: " + listed.size() + ")",
              "Choose failover or load_balance."));
      return false;
    }
    if (options instanceof LoadBalance balance) {
      if (listed.size() == 1) {
        problems.add(
            type.error(
                "'load_balance' needs two sinks at least (given: 1)",
                "List another sink, or remove the group: a sink needs none."));
      }
      return hasSelector(balance, listed, processor);
    }
    return true;
  }

  private boolean hasSelector(LoadBalance balance, List<String> listed, Section processor) {
    try {
      balance.newSelector(listed, new SplittableRandom());
      return true;
    } catch (ConfigurationException e) {
      problems.add(
          processor.error(
              e.option().isEmpty() || processor.find(e.option()).isEmpty()
                  ? "selector"
                  : e.option(),
              e.getMessage(),
              NearestName.question(balance.selector(), LoadBalance.SELECTORS)));
      return false;
    }
  }

  private List<SinkGroupDefinition.Member> inOrder(
      SinkProcessor options, List<String> listed, List<String> members, Section processor) {
    if (options instanceof Failover) {
      return new Priorities(processor, problems).inOrder(listed, members);
    }
    return members.stream().map(sink -> new SinkGroupDefinition.Member(sink, 0)).toList();
  }

  private void describeUnread(Section section) {
    Set<String> known = new LinkedHashSet<>(KEYS);
    for (String key : section.unreadKeys()) {
      problems.add(
          section.problem(
              Severity.WARNING,
              key,
              "is not an option here and is ignored",
              NearestName.question(key, known)));
    }
  }
}
