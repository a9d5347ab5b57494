/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What it takes to get from one definition of an agent to another. Pure and immutable.
 *
 * <p>A channel stays when its definition is the same; a sink group when it and its members are the
 * same and their channels stay, those for dead letters included; a source when its own type and
 * options are the same. A source that stays is <em>rerouted</em> when its interceptors, its
 * selector, its channels, or one of these channels' definitions changed: it keeps its port and its
 * connections, and only what is behind them is replaced.
 *
 * @param sinkGroups by {@link GroupedSinks#key}; a sink in no group is one by itself
 * @param lines the differences in words for operators, with the names of options, never a value
 */
public record TopologyChange(
    Units channels, Units sinkGroups, Units sources, Set<String> rerouted, List<String> lines) {
  /**
   * Names of one kind of unit. What is replaced is in both of the last two.
   *
   * @param stay run on untouched
   * @param stop of the old definition
   * @param start of the new one
   */
  public record Units(Set<String> stay, Set<String> stop, Set<String> start) {
    public Units {
      stay = Set.copyOf(stay);
      stop = Set.copyOf(stop);
      start = Set.copyOf(start);
    }

    static <T> Units of(Map<String, T> before, Map<String, T> after, BiPredicate<T, T> isSame) {
      Set<String> stay = new LinkedHashSet<>();
      after.forEach(
          (name, now) -> {
            if (before.containsKey(name) && isSame.test(before.get(name), now)) {
              stay.add(name);
            }
          });
      return new Units(stay, without(before.keySet(), stay), without(after.keySet(), stay));
    }

    /** Whether a unit of the name runs before and after, but not the same one. */
    boolean replaces(String name) {
      return stop.contains(name) && start.contains(name);
    }

    private boolean isStay() {
      return stop.isEmpty() && start.isEmpty();
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
      Set<String> rest = new LinkedHashSet<>(all);
      rest.removeAll(some);
      return rest;
    }
  }

  public TopologyChange {
    rerouted = Set.copyOf(rerouted);
    lines = List.copyOf(lines);
  }

  static TopologyChange between(AgentDefinition before, AgentDefinition after) {
    Map<String, ChannelDefinition> oldChannels = byName(before.channels(), ChannelDefinition::name);
    Map<String, ChannelDefinition> newChannels = byName(after.channels(), ChannelDefinition::name);
    Units channels = Units.of(oldChannels, newChannels, ChannelDefinition::equals);

    Map<String, GroupedSinks> oldGroups = GroupedSinks.byKey(before);
    Map<String, GroupedSinks> newGroups = GroupedSinks.byKey(after);
    Units sinkGroups =
        Units.of(
            oldGroups,
            newGroups,
            (old, now) -> old.equals(now) && channels.stay().containsAll(now.allChannels()));

    Map<String, SourceDefinition> oldSources = byName(before.sources(), SourceDefinition::name);
    Map<String, SourceDefinition> newSources = byName(after.sources(), SourceDefinition::name);
    Units sources = Units.of(oldSources, newSources, TopologyChange::takesInTheSame);
    Set<String> rerouted = new LinkedHashSet<>();
    for (String name : sources.stay()) {
      SourceDefinition now = newSources.get(name);
      if (!now.equals(oldSources.get(name)) || !channels.stay().containsAll(now.channels())) {
        rerouted.add(name);
      }
    }

    List<String> lines = new ArrayList<>();
    addLines(lines, "channel", oldChannels, newChannels, TopologyChange::differences);
    addLines(
        lines,
        "sink",
        byName(before.sinks(), SinkDefinition::name),
        byName(after.sinks(), SinkDefinition::name),
        (old, now) -> differences(old, now, channels));
    addLines(lines, "sink group", named(oldGroups), named(newGroups), TopologyChange::differences);
    addLines(
        lines,
        "source",
        oldSources,
        newSources,
        (old, now) -> differences(old, now, replacedOf(now.channels(), channels)));
    return new TopologyChange(channels, sinkGroups, sources, rerouted, lines);
  }

  /** Whether nothing has to be done. */
  public boolean isEmpty() {
    return rerouted.isEmpty() && Stream.of(channels, sinkGroups, sources).allMatch(Units::isStay);
  }

  private static boolean takesInTheSame(SourceDefinition before, SourceDefinition after) {
    return before.type().equals(after.type()) && before.options().equals(after.options());
  }

  private static <T> Map<String, T> byName(Collection<T> definitions, Function<T, String> name) {
    return definitions.stream()
        .collect(
            Collectors.toMap(
                name,
                Function.identity(),
                (first, second) -> {
                  throw new IllegalArgumentException(
                      "'" + name.apply(first) + "' is defined twice (expected: once)");
                },
                LinkedHashMap::new));
  }

  private static List<String> replacedOf(List<String> names, Units channels) {
    return names.stream().filter(channels::replaces).toList();
  }

  /** Tells how two definitions of a name differ; empty when they do not. */
  private interface Comparison<T> {
    String differences(T before, T after);
  }

  private static <T> void addLines(
      List<String> lines,
      String kind,
      Map<String, T> before,
      Map<String, T> after,
      Comparison<T> comparison) {
    after.forEach(
        (name, now) -> {
          if (!before.containsKey(name)) {
            lines.add(kind + " " + name + " is added");
          } else {
            String differences = comparison.differences(before.get(name), now);
            if (!differences.isEmpty()) {
              lines.add(kind + " " + name + " " + differences);
            }
          }
        });
    before.keySet().stream()
        .filter(name -> !after.containsKey(name))
        .forEach(name -> lines.add(kind + " " + name + " is removed"));
  }

  private static String changed(List<String> names) {
    return names.isEmpty() ? "" : "changes: " + String.join(", ", names);
  }

  private static String differences(ChannelDefinition before, ChannelDefinition after) {
    return changed(component(before.type(), before.options(), after.type(), after.options()));
  }

  private static String differences(SinkDefinition before, SinkDefinition after, Units channels) {
    List<String> names =
        new ArrayList<>(component(before.type(), before.options(), after.type(), after.options()));
    if (!before.channel().equals(after.channel())) {
      names.add("channel");
    } else if (names.isEmpty() && before.batchSize() != after.batchSize()) {
      names.add("its batch, with the channel's transactionCapacity");
    }
    if (!before.deadLetterChannel().equals(after.deadLetterChannel())) {
      names.add(EngineOptions.DEAD_LETTER_CHANNEL);
    }
    if (names.isEmpty()) {
      return Stream.concat(Stream.of(after.channel()), after.deadLetterChannel().stream())
          .filter(channels::replaces)
          .findFirst()
          .map(name -> "starts anew with its channel " + name)
          .orElse("");
    }
    return changed(names);
  }

  /** Without those of single sinks, whose lines tell all. */
  private static Map<String, SinkGroupDefinition> named(Map<String, GroupedSinks> groups) {
    Map<String, SinkGroupDefinition> named = new LinkedHashMap<>();
    groups.forEach(
        (key, grouped) -> {
          if (!grouped.isAlone()) {
            named.put(grouped.group().name(), grouped.group());
          }
        });
    return named;
  }

  private static String differences(SinkGroupDefinition before, SinkGroupDefinition after) {
    List<String> names = new ArrayList<>();
    OptionDifference.names(before.processor(), after.processor())
        .forEach(name -> names.add("processor." + name));
    if (!before.sinks().equals(after.sinks())) {
      names.add("sinks");
    } else if (names.isEmpty() && !before.equals(after)) {
      names.add("processor.priority");
    }
    return changed(names);
  }

  private static String differences(
      SourceDefinition before, SourceDefinition after, List<String> replacedChannels) {
    List<String> names =
        new ArrayList<>(component(before.type(), before.options(), after.type(), after.options()));
    names.addAll(interceptors(before.interceptors(), after.interceptors()));
    if (!before.selector().equals(after.selector())) {
      OptionDifference.names(before.selector(), after.selector())
          .forEach(name -> names.add("selector." + name));
    }
    if (!before.channels().equals(after.channels())) {
      names.add("channels");
    }
    if (names.isEmpty() && !replacedChannels.isEmpty()) {
      return "goes on, into the new " + String.join(", ", replacedChannels);
    }
    boolean isRerouted = !names.isEmpty() && takesInTheSame(before, after);
    return changed(names) + (isRerouted ? "; it keeps its connections" : "");
  }

  private static List<String> component(
      String oldType, Object oldOptions, String newType, Object newOptions) {
    return oldType.equals(newType)
        ? OptionDifference.names(oldOptions, newOptions)
        : List.of("type");
  }

  private static List<String> interceptors(
      List<InterceptorDefinition> before, List<InterceptorDefinition> after) {
    List<String> names = new ArrayList<>();
    Map<String, InterceptorDefinition> old = byName(before, InterceptorDefinition::name);
    if (!names(before).equals(names(after))) {
      names.add("interceptors");
    }
    for (InterceptorDefinition now : after) {
      InterceptorDefinition was = old.get(now.name());
      if (was != null && !Objects.equals(was, now)) {
        component(was.type(), was.options(), now.type(), now.options())
            .forEach(name -> names.add("interceptors." + now.name() + "." + name));
      }
    }
    return names;
  }

  private static List<String> names(List<InterceptorDefinition> interceptors) {
    return interceptors.stream().map(InterceptorDefinition::name).toList();
  }
}
