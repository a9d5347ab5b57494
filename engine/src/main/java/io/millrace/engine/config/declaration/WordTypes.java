/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import io.millrace.engine.config.problem.NearestName;
import java.nio.charset.Charset;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Values that are words: text, booleans, paths, charsets, choices. */
final class WordTypes {
  private WordTypes() {}

  static ValueType text() {
    return new Text();
  }

  static ValueType bool() {
    return new Bool();
  }

  static ValueType path() {
    return new PathType();
  }

  static ValueType charset() {
    return new CharsetType();
  }

  /** One of the constants of an enum. */
  static ValueType choice(Class<?> enumClass) {
    return new Choice(
        Arrays.stream(enumClass.getEnumConstants()).<Enum<?>>map(c -> (Enum<?>) c).toList());
  }

  private record Text() implements ValueType {
    @Override
    public String label() {
      return "text";
    }

    @Override
    public Object read(String text, Path home) {
      return text;
    }
  }

  /** As in Flume, everything but {@code true} is false; here with a remark. */
  private record Bool() implements ValueType {
    @Override
    public String label() {
      return "true or false";
    }

    @Override
    public List<String> allowed() {
      return List.of("true", "false");
    }

    @Override
    public Object read(String text, Path home) {
      return text.equalsIgnoreCase("true");
    }

    @Override
    public Optional<String> remark(String text) {
      boolean isPlain = text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
      return isPlain
          ? Optional.empty()
          : Optional.of("is neither true nor false and counts as false");
    }
  }

  private record PathType() implements ValueType {
    @Override
    public String label() {
      return "path";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      try {
        if (text.equals("~")) {
          return home;
        }
        return text.startsWith("~/") ? home.resolve(text.substring(2)) : Path.of(text);
      } catch (InvalidPathException e) {
        throw new UnusableValueException("is not a path (" + e.getReason() + ")");
      }
    }
  }

  private record CharsetType() implements ValueType {
    @Override
    public String label() {
      return "character set";
    }

    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      try {
        return Charset.forName(text);
      } catch (IllegalArgumentException e) {
        throw new UnusableValueException(
            "is no character set that this Java knows (expected: a name such as UTF-8)",
            NearestName.question(text, Charset.availableCharsets().keySet()));
      }
    }
  }

  private record Choice(List<Enum<?>> constants) implements ValueType {
    @Override
    public String label() {
      return "choice";
    }

    @Override
    public List<String> allowed() {
      return constants.stream().map(Choice::shown).toList();
    }

    /** In any case, and with or without the underscores of a Java constant. */
    @Override
    public Object read(String text, Path home) throws UnusableValueException {
      String wanted = letters(text);
      for (Enum<?> constant : constants) {
        if (letters(constant.name()).equals(wanted) || letters(shown(constant)).equals(wanted)) {
          return constant;
        }
      }
      throw new UnusableValueException(
          "is unknown (expected: " + String.join(", ", allowed()) + ")",
          NearestName.question(text, allowed()));
    }

    private static String shown(Enum<?> constant) {
      boolean hasOwnText = !constant.toString().equals(constant.name());
      return hasOwnText ? constant.toString() : constant.name().toLowerCase(Locale.ROOT);
    }

    private static String letters(String text) {
      return text.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }
  }
}
