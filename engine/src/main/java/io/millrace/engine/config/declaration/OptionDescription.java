/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a manual says about an option. Immutable.
 *
 * @param type in words: {@code number}, {@code list of paths}
 * @param unit of a number without one; empty when it has none
 * @param allowed the values there are, when they can be listed
 * @param noEffect why setting it does nothing; empty when it does
 */
public record OptionDescription(
    String name,
    List<String> aliases,
    String type,
    Optional<String> defaultValue,
    boolean isRequired,
    String unit,
    OptionalLong min,
    OptionalLong max,
    List<String> allowed,
    boolean isSecret,
    String noEffect,
    String doc) {

  static OptionDescription of(OptionDeclaration option) {
    return new OptionDescription(
        option.name(),
        option.aliases(),
        typeLabel(option.shape()),
        option.defaultText(),
        option.isRequired(),
        unitLabel(option),
        option.min() == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(option.min()),
        option.max() == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(option.max()),
        allowed(option.shape()),
        option.isSecret(),
        option.noEffect(),
        option.doc());
  }

  private static String typeLabel(Shape shape) {
    if (shape instanceof Shape.Single single) {
      return single.type().label();
    }
    if (shape instanceof Shape.Several several) {
      String separation =
          several.separator().isEmpty() ? "blanks" : "'" + several.separator() + "'";
      return "list of " + several.type().label() + ", separated by " + separation;
    }
    if (shape instanceof Shape.Nested nested) {
      return "type of " + nested.kind().label();
    }
    return "any number of keys";
  }

  private static List<String> allowed(Shape shape) {
    if (shape instanceof Shape.Single single) {
      return single.type().allowed();
    }
    return shape instanceof Shape.Several several ? several.type().allowed() : List.of();
  }

  private static String unitLabel(OptionDeclaration option) {
    return switch (option.bareUnit()) {
      case NONE -> "";
      case MILLISECONDS -> "ms";
      case SECONDS -> "s";
      case BYTES -> "bytes";
    };
  }
}
