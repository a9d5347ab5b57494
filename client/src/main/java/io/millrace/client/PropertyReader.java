/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.DataSize;
import io.millrace.kit.log.LogText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Takes properties one by one and notes everything that is wrong. Confined to one reading. */
final class PropertyReader {
  private final Map<String, String> properties;
  private final TreeSet<String> known = new TreeSet<>();
  private final TreeSet<String> unread;
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  PropertyReader(Map<String, String> properties) {
    this.properties = new HashMap<>(properties);
    this.unread = new TreeSet<>(properties.keySet());
  }

  List<String> errors() {
    return errors;
  }

  List<String> warnings() {
    return warnings;
  }

  void error(String key, String value, String message) {
    errors.add(key + (value.isEmpty() ? " " : ": '" + LogText.of(value) + "' ") + message);
  }

  void warn(String key, String message) {
    warnings.add(key + " " + message);
  }

  boolean isSet(String key) {
    return !properties.getOrDefault(key, "").isBlank();
  }

  /** The value without blanks around it; empty when there is none. */
  Optional<String> text(String key) {
    return secret(key).map(String::trim);
  }

  /** The value as it stands. */
  Optional<String> secret(String key) {
    known.add(key);
    unread.remove(key);
    return isSet(key) ? Optional.of(properties.get(key)) : Optional.empty();
  }

  List<String> words(String key) {
    return text(key).map(text -> List.of(text.split("\\s+"))).orElse(List.of());
  }

  boolean flag(String key, boolean otherwise) {
    Optional<String> text = text(key).map(value -> value.toLowerCase(Locale.ROOT));
    if (text.isEmpty()) {
      return otherwise;
    }
    return switch (text.get()) {
      case "true" -> true;
      case "false" -> false;
      default -> {
        error(key, text.get(), "(expected: true or false)");
        yield otherwise;
      }
    };
  }

  Optional<Long> number(String key, long min, long max) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(text.get());
      if (value >= min && value <= max) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      // Said below, with the other values that cannot be.
    }
    error(key, text.get(), "(expected: a whole number from " + min + " to " + max + ")");
    return Optional.empty();
  }

  Optional<DataSize> size(String key, DataSize min, DataSize max) {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      DataSize size = DataSize.parse(text.get());
      if (size.compareTo(min) >= 0 && size.compareTo(max) <= 0) {
        return Optional.of(size);
      }
    } catch (IllegalArgumentException e) {
      // Said below, with the other values that cannot be.
    }
    error(key, text.get(), "(expected: a size such as 16MiB, from " + min + " to " + max + ")");
    return Optional.empty();
  }

  /** For what is refused as a whole: its other keys are not worth a word. */
  void takeAll() {
    unread.clear();
  }

  /** Warns of what nobody has asked for. */
  void describeUnread() {
    for (String key : unread) {
      warn(
          LogText.of(key),
          "is not an option of the client and is ignored (known: "
              + String.join(", ", known)
              + ")");
    }
  }
}
