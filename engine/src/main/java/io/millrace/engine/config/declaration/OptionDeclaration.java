/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.api.BareUnit;
import io.millrace.api.Option;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One declared option. Immutable.
 *
 * @param name the key below the component; of a family, with its {@code .*}
 * @param isOptional whether the record component is an {@code Optional}
 * @param defaultText the default as a user would write it
 */
public record OptionDeclaration(
    String name,
    List<String> aliases,
    Shape shape,
    boolean isOptional,
    Optional<String> defaultText,
    boolean isRequired,
    long min,
    long max,
    BareUnit bareUnit,
    boolean fallsBack,
    boolean isSecret,
    String noEffect,
    String doc)
    implements RecordMember {

  static OptionDeclaration of(RecordComponent component, Option option) {
    Type type = component.getGenericType();
    boolean isOptional =
        type instanceof ParameterizedType generic && generic.getRawType() == Optional.class;
    Type inner = isOptional ? ((ParameterizedType) type).getActualTypeArguments()[0] : type;
    Shape shape = Shape.of(inner, option);
    OptionDeclaration declaration =
        new OptionDeclaration(
            option.name().isEmpty() ? component.getName() : option.name(),
            List.of(option.aliases()),
            shape,
            isOptional,
            option.def().equals(Option.NO_DEFAULT) ? Optional.empty() : Optional.of(option.def()),
            option.required(),
            option.min(),
            option.max(),
            option.bareUnit(),
            option.fallsBack(),
            option.secret(),
            option.noEffect(),
            option.doc());
    declaration.check();
    return declaration;
  }

  /** The part of a family's name before {@code *}; the name of any other option. */
  public String prefix() {
    return isFamily() ? name.substring(0, name.length() - 1) : name;
  }

  /** What the keys of the options of a nested component begin with, without the last dot. */
  public static String nestedName(String key) {
    return key.endsWith(".type") ? key.substring(0, key.length() - ".type".length()) : key;
  }

  public boolean isFamily() {
    return shape instanceof Shape.Family;
  }

  /** What the option holds when no key and no default gives it a value; null when it must have. */
  public Object absentValue() {
    if (isOptional) {
      return Optional.empty();
    }
    if (shape instanceof Shape.Several) {
      return List.of();
    }
    return isFamily() ? Map.of() : null;
  }

  private void check() {
    if (isFamily() != (name.equals("*") || name.endsWith(".*"))) {
      throw new IllegalArgumentException(
          "name: " + name + " (expected: .* for a map and only then)");
    }
    if (absentValue() == null && defaultText.isEmpty() && !isRequired) {
      throw new IllegalArgumentException(
          name + " (expected: a default, required, or an Optional type)");
    }
    if (fallsBack && absentValue() == null && defaultText.isEmpty()) {
      throw new IllegalArgumentException(name + " falls back (expected: a default)");
    }
    if (isFamily() && defaultText.isPresent()) {
      throw new IllegalArgumentException(name + " is a map (expected: no default)");
    }
  }
}
