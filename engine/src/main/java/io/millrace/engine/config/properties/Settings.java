/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The settings of some files, merged: later files win, later lines win. Immutable. */
public final class Settings {
  private final Map<String, Setting> byKey;
  private final List<Problem> problems;
  private final Set<String> referencedKeys;

  private Settings(Map<String, Setting> byKey, List<Problem> problems, Set<String> referencedKeys) {
    this.byKey = Collections.unmodifiableMap(byKey);
    this.problems = List.copyOf(problems);
    this.referencedKeys = Set.copyOf(referencedKeys);
  }

  /** Reads the texts in their order. */
  public static Settings read(List<PropertiesText> texts) {
    Map<String, Setting> merged = new LinkedHashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (PropertiesText text : texts) {
      PropertiesReader.Parsed parsed = PropertiesReader.read(text);
      problems.addAll(parsed.problems());
      for (Setting setting : parsed.settings()) {
        Setting earlier = merged.put(setting.key(), setting);
        if (earlier != null && isContradiction(earlier, setting)) {
          problems.add(contradiction(earlier, setting));
        }
      }
    }
    return withoutUseless(merged, problems);
  }

  /** Settings by key, in the order of their first appearance. */
  public Map<String, Setting> byKey() {
    return byKey;
  }

  public Collection<Setting> all() {
    return byKey.values();
  }

  public List<Problem> problems() {
    return problems;
  }

  /** Whether another value takes the value of this key. */
  public boolean isReferenced(String key) {
    return referencedKeys.contains(key);
  }

  /** The same settings with their variables resolved. */
  public Settings resolved(Environment environment) {
    List<Problem> all = new ArrayList<>(problems);
    Substitution substitution = new Substitution(environment, byKey);
    Map<String, Setting> resolved = substitution.resolveAll(all);
    return new Settings(resolved, all, substitution.referencedKeys());
  }

  /** A later file is meant to override; a later line of the same file seldom is. */
  private static boolean isContradiction(Setting earlier, Setting later) {
    return earlier.place().file().equals(later.place().file())
        && !earlier.value().equals(later.value());
  }

  private static Problem contradiction(Setting earlier, Setting later) {
    return later.warning(
        "overrides the different value of line "
            + earlier.place().line()
            + "; line "
            + later.place().line()
            + " is the one used",
        "Remove one of the two.");
  }

  private static Settings withoutUseless(Map<String, Setting> merged, List<Problem> problems) {
    Map<String, Setting> useful = new LinkedHashMap<>();
    for (Setting setting : merged.values()) {
      if (setting.key().startsWith("//")) {
        problems.add(
            problemOfLine(
                setting.place(),
                Severity.HINT,
                "// does not begin a comment; the line is ignored",
                "Begin comments with #."));
      } else if (setting.key().indexOf('.') <= 0) {
        problems.add(
            setting.warning(
                "belongs to no agent and is ignored (expected: <agent>.sources..., for example)",
                ""));
      } else if (setting.value().isEmpty()) {
        problems.add(setting.warning("has no value and is ignored", ""));
      } else {
        useful.put(setting.key(), setting);
      }
    }
    return new Settings(useful, problems, Set.of());
  }

  private static Problem problemOfLine(
      Place place, Severity severity, String message, String remedy) {
    return new Problem(severity, place, "", "", message, remedy);
  }
}
