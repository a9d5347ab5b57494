/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Tells whether a declared default can be read. Stateless. */
final class DefaultCheck {
  private DefaultCheck() {}

  static Optional<String> complaint(Catalog catalog, OptionDeclaration option, String text) {
    if (option.shape() instanceof Shape.Nested nested) {
      return catalog.find(nested.kind(), text) instanceof TypeLookup.Missing missing
          ? Optional.of(missing.message())
          : Optional.empty();
    }
    if (option.shape() instanceof Shape.Several several) {
      return complaint(several.type(), ListText.split(text, several.separator()));
    }
    if (option.shape() instanceof Shape.Single single) {
      return complaint(single.type(), List.of(text));
    }
    return Optional.empty();
  }

  private static Optional<String> complaint(ValueType type, List<String> texts) {
    for (String text : texts) {
      try {
        type.read(text, Path.of("home"));
      } catch (UnusableValueException e) {
        return Optional.of(e.getMessage());
      }
    }
    return Optional.empty();
  }
}
