/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.FilterReference;
import io.millrace.engine.config.properties.Setting;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The config filters of an agent: {@code env} reads the environment. What they give is never shown.
 * Immutable once built.
 */
final class ConfigFilters {
  private static final List<String> TYPES = List.of("env");
  private static final List<String> LATER_TYPES = List.of("external", "hadoop");
  private static final String FLUME_PACKAGE = "org.apache.flume.configfilter.";

  private final Environment environment;
  private final Set<String> usable = new HashSet<>();
  private final Set<String> declared = new LinkedHashSet<>();

  private ConfigFilters(Environment environment) {
    this.environment = environment;
  }

  static ConfigFilters of(AgentText text, Environment environment, List<Problem> problems) {
    ConfigFilters filters = new ConfigFilters(environment);
    for (String name : text.listed(Part.CONFIG_FILTERS)) {
      filters.declared.add(name);
      Section section = text.sections(Part.CONFIG_FILTERS).get(name);
      Optional<Problem> unusable =
          section == null
              ? text.list(Part.CONFIG_FILTERS)
                  .map(list -> list.error("'" + name + "' is listed but not configured", ""))
              : complaint(section);
      if (unusable.isPresent()) {
        problems.add(unusable.get());
      } else {
        filters.usable.add(name);
      }
    }
    return filters;
  }

  private static Optional<Problem> complaint(Section section) {
    Optional<Setting> type = section.find("type");
    if (type.isEmpty()) {
      return Optional.of(
          section.error("type", "is missing, so that the config filter cannot be used", ""));
    }
    String word = type.get().value().toLowerCase(Locale.ROOT);
    if (word.equals("env")
        || word.equals(
            (FLUME_PACKAGE + "EnvironmentVariableConfigFilter").toLowerCase(Locale.ROOT))) {
      return Optional.empty();
    }
    if (LATER_TYPES.contains(word) || word.startsWith(FLUME_PACKAGE)) {
      return Optional.of(
          type.get()
              .error(
                  type.get().shown()
                      + " is a type of config filter known to Apache Flume; not provided by this version"
                      + " of Millrace (planned)",
                  "Types of config filter: env."));
    }
    return Optional.of(
        type.get()
            .error(
                type.get().shown() + " is no type of config filter",
                (NearestName.question(word, TYPES) + " Types of config filter: env.").strip()));
  }

  /** The setting with its references replaced; adds a problem for those that stay. */
  Setting apply(Setting setting, List<Problem> problems) {
    if (!setting.value().contains("${")) {
      return setting;
    }
    boolean[] isReplaced = {false};
    String value =
        FilterReference.replaceAll(
            setting.value(),
            reference -> {
              Optional<String> found = find(reference);
              if (found.isEmpty()) {
                unresolved(setting, reference).ifPresent(problems::add);
              }
              isReplaced[0] |= found.isPresent();
              return found.orElse(reference.text());
            });
    return isReplaced[0] ? setting.withValue(value, true) : setting;
  }

  private Optional<String> find(FilterReference reference) {
    return usable.contains(reference.filter())
        ? Optional.ofNullable(environment.variables().get(reference.key()))
        : Optional.empty();
  }

  private Optional<Problem> unresolved(Setting setting, FilterReference reference) {
    if (usable.contains(reference.filter())) {
      return Optional.of(
          setting.warning(
              reference.text()
                  + " stays as it is written: the environment has no "
                  + reference.key(),
              ""));
    }
    if (declared.contains(reference.filter())) {
      // The error of the filter says it.
      return Optional.empty();
    }
    return Optional.of(
        setting.warning(
            reference.text()
                + " stays as it is written: there is no config filter '"
                + reference.filter()
                + "'",
            NearestName.question(reference.filter(), declared)));
  }
}
