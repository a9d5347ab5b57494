/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.binding.Section;
import io.millrace.engine.config.problem.NearestName;
import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.Setting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The settings of one agent by part and name, config filters applied. Confined to one check. */
final class AgentText {
  private final String name;
  private final List<Setting> settings;
  private final Map<Part, Setting> lists = new EnumMap<>(Part.class);
  private final Map<Part, List<String>> listedNames = new EnumMap<>(Part.class);
  private final Map<Part, Map<String, Section>> sections = new EnumMap<>(Part.class);

  private AgentText(String name, List<Setting> settings) {
    this.name = name;
    this.settings = settings;
    for (Part part : Part.values()) {
      listedNames.put(part, List.of());
      sections.put(part, new LinkedHashMap<>());
    }
  }

  /** Takes the settings of an agent apart, and says what has no place in it. */
  static AgentText of(
      String name, Collection<Setting> all, Environment environment, List<Problem> problems) {
    List<Setting> own = all.stream().filter(s -> s.key().startsWith(name + ".")).toList();
    AgentText raw = new AgentText(name, own);
    raw.sort(problems);
    ConfigFilters filters = ConfigFilters.of(raw, environment, problems);
    AgentText text =
        new AgentText(name, own.stream().map(s -> filters.apply(s, problems)).toList());
    text.sort(new ArrayList<>());
    return text;
  }

  String name() {
    return name;
  }

  List<Setting> settings() {
    return settings;
  }

  /** The names in the list of a part. */
  List<String> listed(Part part) {
    return listedNames.get(part);
  }

  /** The setting of the list of a part. */
  Optional<Setting> list(Part part) {
    return Optional.ofNullable(lists.get(part));
  }

  /** What is configured under a part, by name, listed or not. */
  Map<String, Section> sections(Part part) {
    return sections.get(part);
  }

  /** An error about the agent as a whole. */
  Problem error(String message, String remedy) {
    Place place = settings.isEmpty() ? Place.NOWHERE : settings.get(0).place();
    return new Problem(Severity.ERROR, place, name, "", message, remedy);
  }

  private void sort(List<Problem> problems) {
    Map<String, Setting> misplaced = new LinkedHashMap<>();
    Map<Part, Map<String, Place>> names = new EnumMap<>(Part.class);
    for (Setting setting : settings) {
      String rest = setting.key().substring(name.length() + 1);
      int dot = rest.indexOf('.');
      String word = dot < 0 ? rest : rest.substring(0, dot);
      Optional<Part> part = Part.of(word);
      if (part.isEmpty()) {
        misplaced.putIfAbsent(word, setting);
      } else if (dot < 0) {
        lists.put(part.get(), setting);
        listedNames.put(part.get(), NameList.read(setting, problems));
      } else {
        int nameEnd = rest.indexOf('.', dot + 1);
        if (nameEnd <= dot + 1) {
          problems.add(noOption(setting, part.get()));
        } else {
          names
              .computeIfAbsent(part.get(), p -> new LinkedHashMap<>())
              .putIfAbsent(rest.substring(dot + 1, nameEnd), setting.place());
        }
      }
    }
    misplaced.forEach((word, setting) -> problems.add(misplaced(word, setting)));
    names.forEach(
        (part, places) ->
            places.forEach(
                (component, place) ->
                    sections
                        .get(part)
                        .put(
                            component,
                            Section.of(
                                name + "." + part.word() + "." + component + ".",
                                settings,
                                place))));
  }

  private static Problem noOption(Setting setting, Part part) {
    return setting.warning(
        "names no option of a " + part.singular() + " and is ignored",
        "Did you mean " + setting.key() + ".type?");
  }

  private Problem misplaced(String word, Setting setting) {
    String question = NearestName.question(word, Part.words());
    String prefix = name + "." + word;
    long count =
        settings.stream()
            .filter(s -> s.key().equals(prefix) || s.key().startsWith(prefix + "."))
            .count();
    return setting.warning(
        "'"
            + word
            + "' is no part of an agent (expected: "
            + String.join(", ", Part.words())
            + "); "
            + (count == 1 ? "the key is" : "all " + count + " keys below it are")
            + " ignored",
        question);
  }
}
