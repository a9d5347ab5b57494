/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import io.millrace.api.ComponentKind;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The plug-ins of an installation. Only their indexes are read, until a component is asked for.
 * Immutable, but for what its plug-ins load.
 */
public final class Plugins {
  private final List<Path> path;
  private final List<Plugin> all;
  private final List<PluginRemark> remarks;

  /** By kind, then by type name and by alias in lower case. */
  private final Map<ComponentKind, Map<String, Plugin>> byWord = new EnumMap<>(ComponentKind.class);

  private Plugins(
      List<Path> path,
      List<PluginScan.Found> found,
      ClassLoader agent,
      List<PluginRemark> remarks) {
    this.path = List.copyOf(path);
    this.all = found.stream().map(one -> new Plugin(one, agent)).toList();
    for (Plugin plugin : all) {
      plugin.index().forEach(entry -> add(plugin, entry, remarks));
    }
    this.remarks = List.copyOf(remarks);
  }

  /** For who has every component on its class path. */
  public static Plugins none() {
    return new Plugins(List.of(), List.of(), Plugins.class.getClassLoader(), new ArrayList<>());
  }

  /** Looks through these plug-in directories; the first has the first word. */
  public static Plugins in(List<Path> path, ClassLoader agent) {
    List<PluginRemark> remarks = new ArrayList<>();
    Set<Path> distinct = new LinkedHashSet<>();
    path.forEach(each -> distinct.add(each.toAbsolutePath().normalize()));
    distinct.stream()
        .filter(each -> !Files.isDirectory(each))
        .forEach(each -> remarks.add(new PluginRemark(each, "there is no such directory")));
    List<PluginScan.Found> found = new PluginScan(remarks).scan(List.copyOf(distinct));
    return new Plugins(List.copyOf(distinct), found, agent, remarks);
  }

  /** As {@link #in(List, ClassLoader)}, of a list as on the command line; may be empty. */
  public static Plugins in(String pathText, ClassLoader agent) {
    List<Path> path = new ArrayList<>();
    for (String each : pathText.split(File.pathSeparator, -1)) {
      if (!each.isBlank()) {
        path.add(Path.of(each));
      }
    }
    return in(path, agent);
  }

  private void add(Plugin plugin, IndexEntry entry, List<PluginRemark> remarks) {
    Map<String, Plugin> words = byWord.computeIfAbsent(entry.kind(), kind -> new HashMap<>());
    List<String> names = new ArrayList<>(List.of(entry.name()));
    names.addAll(entry.aliases());
    for (String name : names) {
      Plugin first = words.putIfAbsent(name.toLowerCase(Locale.ROOT), plugin);
      if (first != null && first != plugin) {
        remarks.add(
            new PluginRemark(
                plugin.directory().directories().get(0),
                "the "
                    + entry.kind().label()
                    + " '"
                    + name
                    + "' is also in the "
                    + first.directory()
                    + ", which is used"));
      }
    }
  }

  /** The plug-in whose index has this word. */
  public Optional<Plugin> find(ComponentKind kind, String word) {
    return Optional.ofNullable(
        byWord.getOrDefault(kind, Map.of()).get(word.toLowerCase(Locale.ROOT)));
  }

  public List<Plugin> all() {
    return all;
  }

  /** Where they were looked for. */
  public List<Path> path() {
    return path;
  }

  /** What was found amiss when they were looked through. */
  public List<PluginRemark> remarks() {
    return remarks;
  }
}
