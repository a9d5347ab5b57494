/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.declaration.EngineOptions;
import io.millrace.engine.config.declaration.ListText;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.ChannelDefinition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells which channels have something at one end at least, going by what the file names. */
final class Attachments {
  private Attachments() {}

  /** The channels that a listed source or sink names; says which have neither, or no sink. */
  static List<ChannelDefinition> check(
      AgentText text, Collection<ChannelDefinition> channels, List<Problem> problems) {
    Set<String> deadLetters = named(text, Part.SINKS, EngineOptions.DEAD_LETTER_CHANNEL);
    Set<String> written = named(text, Part.SOURCES, "channels");
    written.addAll(deadLetters);
    Set<String> read = named(text, Part.SINKS, "channel");
    List<ChannelDefinition> attached = new ArrayList<>();
    for (ChannelDefinition channel : channels) {
      Section section = text.sections(Part.CHANNELS).get(channel.name());
      if (written.contains(channel.name()) || read.contains(channel.name())) {
        attached.add(channel);
      } else {
        problems.add(
            section.problem(
                Severity.WARNING,
                "",
                "no source and no sink uses the channel; it is left out",
                ""));
      }
      if (deadLetters.contains(channel.name()) && !read.contains(channel.name())) {
        problems.add(
            section.problem(
                Severity.WARNING,
                "",
                "is a dead letter channel that no sink of this agent reads; once it is full, what"
                    + " sinks reject is tried again and again",
                "Drain it by a sink that takes everything, such as file_roll."));
      } else if (written.contains(channel.name()) && !read.contains(channel.name())) {
        problems.add(
            section.problem(Severity.HINT, "", "no sink of this agent reads the channel", ""));
      }
    }
    return attached;
  }

  private static Set<String> named(AgentText text, Part part, String key) {
    Set<String> named = new HashSet<>();
    for (String name : text.listed(part)) {
      Section section = text.sections(part).get(name);
      if (section != null) {
        section
            .find(key)
            .map(Setting::value)
            .ifPresent(value -> named.addAll(ListText.split(value.replace(',', ' '), "")));
      }
    }
    return named;
  }
}
