/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.api.ChannelOptions;
import io.millrace.api.ComponentKind;
import io.millrace.api.SinkOptions;
import io.millrace.engine.config.binding.Binder;
import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks one agent: its lists, then channels, sources, sink groups and sinks, then how they hang
 * together. Whatever cannot be used is said once, with its cause. Confined to one check.
 */
final class AgentCheck {

  private final AgentText text;
  private final Strictness strictness;
  private final List<Problem> problems;
  private final Binder binder;
  private final Channels channels;

  AgentCheck(
      AgentText text, Catalog catalog, Path home, Strictness strictness, List<Problem> problems) {
    this.text = text;
    this.strictness = strictness;
    this.problems = problems;
    this.binder = new Binder(catalog, home, problems);
    this.channels = new Channels(text, problems);
  }

  /** The agent of all that can be used; empty when nothing can. */
  Optional<AgentDefinition> check() {
    compareListsWithSections();
    checkChannels();
    List<SourceDefinition> sources = checkSources();
    SinkGroups groups = new SinkGroups(text, binder, problems);
    List<SinkDefinition> sinks = checkSinks(groups);
    List<SinkGroupDefinition> sinkGroups = groups.of(sinks);
    List<ChannelDefinition> attached = Attachments.check(text, channels.all(), problems);
    if (text.list(Part.CHANNELS).isEmpty()) {
      problems.add(text.error("the agent lists no channels", "Add " + text.name() + ".channels."));
    } else if (text.list(Part.SOURCES).isEmpty() && text.list(Part.SINKS).isEmpty()) {
      problems.add(text.error("the agent lists neither sources nor sinks", ""));
    } else if (attached.isEmpty() || (sources.isEmpty() && sinks.isEmpty())) {
      // When strict, the errors that led to it say more.
      if (strictness == Strictness.LENIENT) {
        problems.add(text.error("nothing of the agent can run", ""));
      }
    } else {
      return Optional.of(new AgentDefinition(text.name(), attached, sources, sinks, sinkGroups));
    }
    return Optional.empty();
  }

  private void compareListsWithSections() {
    for (Part part : List.of(Part.CHANNELS, Part.SOURCES, Part.SINK_GROUPS, Part.SINKS)) {
      List<String> listed = text.listed(part);
      List<String> unlisted =
          text.sections(part).keySet().stream().filter(name -> !listed.contains(name)).toList();
      for (String name : listed) {
        if (!text.sections(part).containsKey(name)) {
          problems.add(unconfigured(part, name, unlisted));
        }
      }
      for (String name : unlisted) {
        problems.add(
            text.sections(part)
                .get(name)
                .problem(
                    Severity.WARNING,
                    "",
                    "is configured but not listed in "
                        + text.name()
                        + "."
                        + part.word()
                        + ", and does not run",
                    ""));
      }
    }
  }

  private Problem unconfigured(Part part, String name, List<String> unlisted) {
    Setting list = text.list(part).orElseThrow();
    boolean isGroup = part == Part.SINKS && text.sections(Part.SINK_GROUPS).containsKey(name);
    return list.error(
        "the " + part.singular() + " '" + name + "' is listed but not configured",
        isGroup
            ? "It is a sink group: list it in " + text.name() + ".sinkgroups."
            : NearestName.question(name, unlisted));
  }

  private void checkChannels() {
    for (String name : text.listed(Part.CHANNELS)) {
      Section section = text.sections(Part.CHANNELS).get(name);
      if (section == null) {
        continue;
      }
      Optional<Binder.Bound> bound = binder.bind(ComponentKind.CHANNEL, section);
      bound.ifPresentOrElse(
          b -> channels.add(new ChannelDefinition(name, b.type(), (ChannelOptions) b.options())),
          () -> sayLeftOut(section));
    }
  }

  private List<SourceDefinition> checkSources() {
    SourceCheck check = new SourceCheck(binder, channels, problems);
    List<SourceDefinition> sources = new ArrayList<>();
    for (String name : text.listed(Part.SOURCES)) {
      Section section = text.sections(Part.SOURCES).get(name);
      if (section != null) {
        check.check(name, section).ifPresentOrElse(sources::add, () -> sayLeftOut(section));
      }
    }
    return sources;
  }

  private List<SinkDefinition> checkSinks(SinkGroups groups) {
    List<SinkDefinition> sinks = new ArrayList<>();
    for (String name : text.listed(Part.SINKS)) {
      Section section = text.sections(Part.SINKS).get(name);
      if (section != null) {
        checkSink(name, section)
            .filter(sink -> !groups.isUnusable(name))
            .ifPresentOrElse(sinks::add, () -> sayLeftOut(section));
      }
    }
    SharedChannels.addHints(text, groups, problems);
    return DeadLetters.withoutCycles(text, sinks, problems);
  }

  private Optional<SinkDefinition> checkSink(String name, Section section) {
    Optional<ChannelDefinition> channel = channelOfSink(section);
    Optional<Setting> deadLetters = section.take(EngineOptions.DEAD_LETTER_CHANNEL);
    Optional<ChannelDefinition> deadLetterChannel =
        deadLetters.flatMap(setting -> channels.resolve(setting.value(), setting));
    Optional<Binder.Bound> bound = binder.bind(ComponentKind.SINK, section);
    // Without the channel it names, a sink would let go of what it was told to keep.
    if (channel.isEmpty()
        || bound.isEmpty()
        || deadLetters.isPresent() != deadLetterChannel.isPresent()) {
      return Optional.empty();
    }
    SinkOptions options = (SinkOptions) bound.get().options();
    int batchSize =
        BatchSizes.ofSink(bound.get(), options.batchSize(), section, channel.get(), problems);
    return Optional.of(
        new SinkDefinition(
            name,
            bound.get().type(),
            options,
            channel.get().name(),
            batchSize,
            deadLetterChannel.map(ChannelDefinition::name)));
  }

  private Optional<ChannelDefinition> channelOfSink(Section section) {
    Optional<Setting> setting = section.take("channel");
    if (setting.isEmpty()) {
      problems.add(
          section.error("channel", "is required and not set", "A sink needs one channel."));
      return Optional.empty();
    }
    List<String> named = NameList.read(setting.get(), problems);
    if (named.size() != 1) {
      problems.add(setting.get().error("a sink has one channel (given: " + named.size() + ")", ""));
      return Optional.empty();
    }
    return channels.resolve(named.get(0), setting.get());
  }

  private void sayLeftOut(Section section) {
    if (strictness == Strictness.LENIENT) {
      problems.add(section.problem(Severity.WARNING, "", "cannot be used and is left out", ""));
    }
  }
}
