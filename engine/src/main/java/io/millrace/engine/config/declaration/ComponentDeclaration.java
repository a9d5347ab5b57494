/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ComponentOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** One declared component. Immutable. */
public record ComponentDeclaration(
    ComponentKind kind,
    String name,
    List<String> flumeClasses,
    String summary,
    Class<? extends ComponentOptions> recordClass,
    OptionsRecord options) {

  /**
   * Reads the declaration of a component.
   *
   * @throws IllegalArgumentException when it declares something that cannot be
   */
  static ComponentDeclaration of(Class<? extends ComponentOptions> recordClass) {
    Component component = recordClass.getAnnotation(Component.class);
    if (component == null) {
      throw new IllegalArgumentException(recordClass.getName() + " (expected: @Component on it)");
    }
    OptionsRecord options = OptionsRecord.of(recordClass);
    Set<String> keys = new HashSet<>();
    for (OptionDeclaration option : options.options()) {
      Stream.concat(Stream.of(option.name()), option.aliases().stream())
          .filter(key -> !keys.add(key))
          .findFirst()
          .ifPresent(
              key -> {
                throw new IllegalArgumentException(
                    recordClass.getName() + " declares '" + key + "' twice");
              });
    }
    return new ComponentDeclaration(
        component.kind(),
        component.name(),
        List.of(component.flumeClasses()),
        component.summary(),
        recordClass,
        options);
  }
}
