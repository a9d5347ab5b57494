/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import io.millrace.engine.config.declaration.Catalog;
import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Binds keys and values to a record, and tells whether every option was given. */
final class OptionsMapping {
  private static final Path HOME = Path.of("/home/u");

  private final Catalog catalog;
  private final ComponentKind kind;
  private final String type;
  private final List<Setting> settings = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  OptionsMapping(Catalog catalog, ComponentKind kind, String type) {
    this.catalog = catalog;
    this.kind = kind;
    this.type = type;
    with("type", type);
  }

  OptionsMapping with(String key, String value) {
    settings.add(Setting.of("x." + key, value, new Place("f", settings.size() + 1)));
    return this;
  }

  /** Asserts that the values of this mapping, and no default, make the record. */
  void assertMapsFullyTo(ComponentOptions expected) {
    assertThat(bind()).contains(expected);
    assertThat(problems).extracting(Problem::text).isEmpty();
    catalog
        .describe(kind, type)
        .orElseThrow()
        .options()
        .forEach(
            option ->
                assertThat(settings)
                    .as("every option is given a value")
                    .anyMatch(
                        setting ->
                            setting.key().startsWith("x." + option.name().replace("*", ""))));
    assertThat(new OptionsMapping(catalog, kind, type).bind())
        .as("the mapping differs from the defaults")
        .isNotEqualTo(Optional.of(expected));
  }

  /** Asserts that the values make the record, with problems of this text. */
  void assertMapsTo(ComponentOptions expected, String... texts) {
    assertThat(bind()).contains(expected);
    assertThat(problems).extracting(Problem::text).containsExactly(texts);
  }

  void assertFails(String... texts) {
    assertThat(bind()).isEmpty();
    assertThat(problems).extracting(Problem::text).containsExactly(texts);
  }

  private Optional<ComponentOptions> bind() {
    Section section = Section.of("x.", settings, Place.NOWHERE);
    return new Binder(catalog, HOME, problems).bind(kind, section).map(Binder.Bound::options);
  }
}
