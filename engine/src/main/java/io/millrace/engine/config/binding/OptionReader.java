/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.binding;

import io.millrace.engine.config.declaration.ListText;
import io.millrace.engine.config.declaration.OptionDeclaration;
import io.millrace.engine.config.declaration.Shape;
import io.millrace.engine.config.declaration.UnusableValueException;
import io.millrace.engine.config.declaration.ValueType;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads the options of one section. Confined to one check. */
final class OptionReader {
  private final Binder binder;
  private final Section section;
  private final List<OptionDeclaration> options;
  private final Path home;
  private final List<Problem> problems;

  OptionReader(
      Binder binder,
      Section section,
      List<OptionDeclaration> options,
      Path home,
      List<Problem> problems) {
    this.binder = binder;
    this.section = section;
    this.options = options;
    this.home = home;
    this.problems = problems;
  }

  /** The value of an option; empty when it has none that can be used, which is then said. */
  Optional<Object> read(OptionDeclaration option) {
    Optional<?> value =
        option.shape() instanceof Shape.Family family ? family(option, family) : ofOneKey(option);
    return option.isOptional() && value.isPresent() && !(value.get() instanceof Optional)
        ? Optional.of(value)
        : value.map(Object.class::cast);
  }

  /** The key that the file uses for an option: its name, or the alias that is set. */
  String keyUsedFor(String name) {
    for (OptionDeclaration option : options) {
      if (option.name().equals(name) && section.find(name).isEmpty()) {
        return option.aliases().stream()
            .filter(alias -> section.find(alias).isPresent())
            .findFirst()
            .orElse(name);
      }
    }
    return name;
  }

  private Optional<?> ofOneKey(OptionDeclaration option) {
    Optional<Setting> taken = takeUnderAnyName(option);
    if (taken.isEmpty()) {
      return absent(option);
    }
    Setting setting = option.isSecret() ? taken.get().secret() : taken.get();
    if (!option.noEffect().isEmpty()) {
      problems.add(setting.warning("has no effect: " + option.noEffect(), ""));
    }
    if (option.isSecret() && !setting.isSubstituted()) {
      problems.add(
          setting.hint(
              "a secret stands in the file in clear text",
              ValueRemedy.of(
                  setting, "Write ${env:NAME} and give it to the agent in its environment.")));
    }
    if (option.shape() instanceof Shape.Nested nested) {
      String key = keyUsedFor(option.name());
      return binder
          .bind(nested.kind(), setting, section.below(OptionDeclaration.nestedName(key)))
          .map(Binder.Bound::options);
    }
    try {
      return Optional.of(valueOf(option, setting, setting.value(), true));
    } catch (UnusableValueException e) {
      return unusable(option, setting, e);
    }
  }

  private Optional<?> unusable(
      OptionDeclaration option, Setting setting, UnusableValueException e) {
    String message = setting.shown() + " " + e.getMessage();
    String remedy = ValueRemedy.of(setting, e.remedy());
    if (option.fallsBack()) {
      String used = option.defaultText().map(text -> "the default, " + text + ",").orElse("none");
      problems.add(setting.warning(message + "; " + used + " is used", remedy));
      return absent(option);
    }
    if (!option.noEffect().isEmpty() && (option.defaultText().isPresent() || option.isOptional())) {
      return absent(option);
    }
    problems.add(setting.error(message, remedy));
    return Optional.empty();
  }

  private Optional<Setting> takeUnderAnyName(OptionDeclaration option) {
    Optional<Setting> named = section.take(option.name());
    for (String alias : option.aliases()) {
      Optional<Setting> aliased = section.take(alias);
      if (aliased.isEmpty()) {
        continue;
      }
      String right = section.fullKey(option.name());
      if (named.isPresent()) {
        problems.add(aliased.get().warning("is ignored, as " + right + " is set as well", ""));
      } else {
        problems.add(
            aliased.get().warning("is read as " + option.name(), "Write " + right + " instead."));
        named = aliased;
      }
    }
    return named;
  }

  private Optional<?> absent(OptionDeclaration option) {
    if (option.isRequired() && option.defaultText().isEmpty()) {
      problems.add(
          section.error(option.name(), "is required and not set", asSentence(option.doc())));
      return Optional.empty();
    }
    if (option.defaultText().isEmpty()) {
      return Optional.of(option.absentValue());
    }
    String text = option.defaultText().get();
    Setting standIn = Setting.of(section.fullKey(option.name()), text, section.place());
    if (option.shape() instanceof Shape.Nested nested) {
      return binder
          .bind(nested.kind(), standIn, section.below(OptionDeclaration.nestedName(option.name())))
          .map(Binder.Bound::options);
    }
    try {
      return Optional.of(valueOf(option, standIn, text, false));
    } catch (UnusableValueException e) {
      throw new IllegalStateException("The default of " + option.name() + " " + e.getMessage(), e);
    }
  }

  private static String asSentence(String doc) {
    return doc.endsWith(".") ? doc : doc + ".";
  }

  private Object valueOf(OptionDeclaration option, Setting setting, String text, boolean isFromFile)
      throws UnusableValueException {
    if (option.shape() instanceof Shape.Several several) {
      List<Object> items = new ArrayList<>();
      for (String item : ListText.split(text, several.separator())) {
        if (isFromFile && several.separator().isEmpty() && item.endsWith(",")) {
          problems.add(
              setting.warning(
                  "'" + item + "' ends with a comma, which is a part of it",
                  "Separate the items by blanks alone."));
        }
        items.add(several.type().read(item, home));
      }
      return List.copyOf(items);
    }
    ValueType type = ((Shape.Single) option.shape()).type();
    Object value = type.read(text, home);
    if (isFromFile) {
      describe(type, setting);
    }
    return value;
  }

  private void describe(ValueType type, Setting setting) {
    type.remark(setting.value())
        .ifPresent(
            remark ->
                problems.add(
                    setting.warning(setting.shown() + " " + remark, ValueRemedy.of(setting, ""))));
  }

  private Optional<?> family(OptionDeclaration option, Shape.Family family) {
    Map<String, Object> values = new LinkedHashMap<>();
    boolean isUsable = true;
    for (String key : keysOf(option)) {
      Setting setting = section.take(key).orElseThrow();
      setting = option.isSecret() ? setting.secret() : setting;
      try {
        values.put(
            key.substring(option.prefix().length()), family.type().read(setting.value(), home));
        describe(family.type(), setting);
      } catch (UnusableValueException e) {
        problems.add(
            setting.error(
                setting.shown() + " " + e.getMessage(), ValueRemedy.of(setting, e.remedy())));
        isUsable = false;
      }
      if (!option.noEffect().isEmpty()) {
        problems.add(setting.warning("has no effect: " + option.noEffect(), ""));
      }
    }
    if (values.isEmpty() && isUsable) {
      return absent(option);
    }
    return isUsable ? Optional.of(Collections.unmodifiableMap(values)) : Optional.empty();
  }

  /**
   * Keys that begin with the prefix and belong neither to a plain option nor to a longer prefix.
   */
  private List<String> keysOf(OptionDeclaration family) {
    Set<String> plainKeys =
        options.stream()
            .filter(option -> !option.isFamily())
            .flatMap(option -> Stream.concat(Stream.of(option.name()), option.aliases().stream()))
            .collect(Collectors.toSet());
    List<String> longerPrefixes =
        options.stream()
            .filter(option -> option.isFamily() || option.shape() instanceof Shape.Nested)
            .map(
                option ->
                    option.isFamily()
                        ? option.prefix()
                        : OptionDeclaration.nestedName(option.name()) + ".")
            .filter(prefix -> prefix.length() > family.prefix().length())
            .toList();
    return section.unreadKeys().stream()
        .filter(key -> key.startsWith(family.prefix()) && key.length() > family.prefix().length())
        .filter(key -> !plainKeys.contains(key))
        .filter(key -> longerPrefixes.stream().noneMatch(key::startsWith))
        .toList();
  }
}
