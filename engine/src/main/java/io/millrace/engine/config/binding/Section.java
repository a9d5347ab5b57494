/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import io.millrace.engine.config.properties.Setting;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings below one prefix, such as {@code a1.sources.r1.}, and which of them somebody has
 * read. Sections within a section share the record of what was read. Confined to one check.
 */
public final class Section {
  private final String prefix;
  private final Map<String, Setting> settings;
  private final Set<String> read;
  private final Place fallbackPlace;

  private Section(
      String prefix, Map<String, Setting> settings, Set<String> read, Place fallbackPlace) {
    this.prefix = prefix;
    this.settings = settings;
    this.read = read;
    this.fallbackPlace = fallbackPlace;
  }

  /** The settings whose keys begin with {@code prefix}, which ends in a dot. */
  public static Section of(String prefix, Collection<Setting> settings, Place fallbackPlace) {
    return new Section(prefix, relative(prefix, settings), new HashSet<>(), fallbackPlace);
  }

  /** The settings below {@code name}, a key or the beginning of keys. */
  public Section below(String name) {
    String innerPrefix = prefix + name + ".";
    return new Section(innerPrefix, relative(innerPrefix, settings.values()), read, place());
  }

  private static Map<String, Setting> relative(String prefix, Collection<Setting> settings) {
    Map<String, Setting> relative = new LinkedHashMap<>();
    for (Setting setting : settings) {
      if (setting.key().startsWith(prefix) && setting.key().length() > prefix.length()) {
        relative.put(setting.key().substring(prefix.length()), setting);
      }
    }
    return relative;
  }

  public boolean isEmpty() {
    return settings.isEmpty();
  }

  /** Keys relative to this section, in the order of the files. */
  public Set<String> keys() {
    return settings.keySet();
  }

  /** The first parts of the keys that have more than one. */
  public List<String> innerNames() {
    return settings.keySet().stream()
        .filter(key -> key.indexOf('.') > 0)
        .map(key -> key.substring(0, key.indexOf('.')))
        .distinct()
        .toList();
  }

  /** The setting of a key, which counts as read from now on. */
  public Optional<Setting> take(String key) {
    Setting setting = settings.get(key);
    if (setting != null) {
      read.add(setting.key());
    }
    return Optional.ofNullable(setting);
  }

  /** The setting of a key. */
  public Optional<Setting> find(String key) {
    return Optional.ofNullable(settings.get(key));
  }

  /** Counts everything here as read. */
  public void takeAll() {
    settings.values().forEach(setting -> read.add(setting.key()));
  }

  /** Keys that nobody has read. */
  public List<String> unreadKeys() {
    return settings.entrySet().stream()
        .filter(entry -> !read.contains(entry.getValue().key()))
        .map(Map.Entry::getKey)
        .toList();
  }

  public String fullKey(String key) {
    return prefix + key;
  }

  /** The line of the type; else the first line here; else that of what is around. */
  public Place place() {
    return find("type")
        .or(() -> settings.values().stream().findFirst())
        .map(Setting::place)
        .orElse(fallbackPlace);
  }

  /** An error about a key that may not be there. */
  public Problem error(String key, String message, String remedy) {
    return problem(Severity.ERROR, key, message, remedy);
  }

  /** A problem about a key that may not be there. */
  public Problem problem(Severity severity, String key, String message, String remedy) {
    Optional<Setting> setting = find(key);
    if (setting.isEmpty()) {
      String full = key.isEmpty() ? prefix.substring(0, prefix.length() - 1) : fullKey(key);
      return new Problem(severity, place(), full, "", message, remedy);
    }
    return switch (severity) {
      case ERROR -> setting.get().error(message, remedy);
      case WARNING -> setting.get().warning(message, remedy);
      case HINT -> setting.get().hint(message, remedy);
    };
  }
}
