/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.List;

/**
 * A part of a plan: what one kind of machine needs. Immutable.
 *
 * @param settings lines of configuration that follow from it
 * @param warnings what cannot be done like this
 */
record Section(
    String key, String title, List<Figure> figures, List<String> settings, List<String> warnings) {
  Section {
    figures = List.copyOf(figures);
    settings = List.copyOf(settings);
    warnings = List.copyOf(warnings);
  }

  Figure figure(String name) {
    return figures.stream()
        .filter(figure -> figure.key().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "figure: "
                        + name
                        + " (expected: one of "
                        + figures.stream().map(Figure::key).toList()
                        + ")"));
  }

  double value(String name) {
    return figure(name).value();
  }
}
