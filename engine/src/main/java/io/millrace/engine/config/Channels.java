/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import io.millrace.engine.model.ChannelDefinition;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The usable channels of an agent, and what to say of names that are none. Confined to one check.
 */
final class Channels {
  private final AgentText text;
  private final List<Problem> problems;
  private final Map<String, ChannelDefinition> usable = new LinkedHashMap<>();

  Channels(AgentText text, List<Problem> problems) {
    this.text = text;
    this.problems = problems;
  }

  void add(ChannelDefinition channel) {
    usable.put(channel.name(), channel);
  }

  Collection<ChannelDefinition> all() {
    return usable.values();
  }

  Optional<ChannelDefinition> find(String name) {
    return Optional.ofNullable(usable.get(name));
  }

  /** The channel that a source or sink names; when it is none, says so unless it was said. */
  Optional<ChannelDefinition> resolve(String name, Setting reference) {
    if (!text.listed(Part.CHANNELS).contains(name)) {
      problems.add(unlisted(name, reference));
    }
    return find(name);
  }

  private Problem unlisted(String name, Setting reference) {
    Section section = text.sections(Part.CHANNELS).get(name);
    if (section != null) {
      return reference.error(
          "the channel '" + name + "' is configured but does not run",
          "Add it to " + text.name() + ".channels.");
    }
    return reference.error(
        "there is no channel '" + name + "'",
        NearestName.question(name, text.listed(Part.CHANNELS)));
  }
}
