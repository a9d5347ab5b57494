/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.ArrayList;
import java.util.List;

/** Collects the lines of a section. Confined to one thread; single use. */
final class SectionBuilder {
  private final String key;
  private final String title;
  private final List<Figure> figures = new ArrayList<>();
  private final List<String> settings = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  SectionBuilder(String key, String title) {
    this.key = key;
    this.title = title;
  }

  /** Adds a figure and returns its value. */
  double add(
      String name,
      String what,
      double value,
      Figure.Unit unit,
      String formula,
      String... constants) {
    figures.add(new Figure(name, what, value, unit, formula, List.of(constants)));
    return value;
  }

  void setting(String line) {
    settings.add(line);
  }

  void warn(String warning) {
    warnings.add(warning);
  }

  Section build() {
    return new Section(key, title, figures, settings, warnings);
  }
}
