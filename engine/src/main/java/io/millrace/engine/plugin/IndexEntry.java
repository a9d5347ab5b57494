/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.plugin;

import io.millrace.api.ComponentKind;
import java.util.List;
import java.util.Locale;

/**
 * One line of a plug-in's index: a component that it has. Immutable.
 *
 * @param aliases classes of Flume and other names that mean it
 */
public record IndexEntry(ComponentKind kind, String name, List<String> aliases) {
  private static final String SHAPE = "(expected: kind, type name, aliases, separated by tabs)";

  public IndexEntry {
    aliases = List.copyOf(aliases);
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException when it is none
   */
  static IndexEntry of(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length < 2 || fields.length > 3 || fields[1].isBlank()) {
      throw new IllegalArgumentException("fields: " + fields.length + " " + SHAPE);
    }
    ComponentKind kind;
    try {
      kind = ComponentKind.valueOf(fields[0].strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("no kind of component: " + fields[0] + " " + SHAPE, e);
    }
    List<String> aliases =
        fields.length < 3
            ? List.of()
            : List.of(fields[2].split(",", -1)).stream()
                .map(String::strip)
                .filter(alias -> !alias.isEmpty())
                .toList();
    return new IndexEntry(kind, fields[1].strip(), aliases);
  }
}
