/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import io.millrace.engine.config.problem.Place;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.Severity;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads what {@code java.util.Properties.load} reads, and knows the line of every key. Differs
 * where that class throws (a malformed escape is a problem and stays as written), in the encoding
 * (see {@link NaturalLines}), and in that keys and values are trimmed. Confined to one call.
 */
public final class PropertiesReader {
  /** Settings in their order, duplicates and all, and what is wrong with their text. */
  public record Parsed(List<Setting> settings, List<Problem> problems) {}

  private final String file;
  private final List<NaturalLines.Line> lines;
  private final List<Setting> settings = new ArrayList<>();
  private final List<Problem> problems = new ArrayList<>();

  private PropertiesReader(String file, List<NaturalLines.Line> lines) {
    this.file = file;
    this.lines = lines;
  }

  public static Parsed read(PropertiesText text) {
    if (NaturalLines.startsAsUtf16(text.bytes())) {
      return new Parsed(
          List.of(),
          List.of(
              new Problem(
                  Severity.ERROR,
                  Place.of(text.name()),
                  "",
                  "",
                  "the file is written in UTF-16 and was not read",
                  "Save it as UTF-8.")));
    }
    PropertiesReader reader = new PropertiesReader(text.name(), NaturalLines.of(text.bytes()));
    reader.readAll();
    return new Parsed(List.copyOf(reader.settings), List.copyOf(reader.problems));
  }

  private void readAll() {
    int index = 0;
    while (index < lines.size()) {
      String first = withoutLeadingBlanks(lines.get(index).text());
      if (first.isEmpty() || first.charAt(0) == '#' || first.charAt(0) == '!') {
        index++;
      } else {
        index = readLogicalLine(index);
      }
    }
  }

  /** Reads from the natural line {@code first}; returns the index of the line after. */
  private int readLogicalLine(int first) {
    StringBuilder logical = new StringBuilder();
    Charset charset = StandardCharsets.US_ASCII;
    int index = first;
    boolean continues = true;
    while (continues && index < lines.size()) {
      NaturalLines.Line line = lines.get(index++);
      String text = withoutLeadingBlanks(line.text());
      continues = endsInContinuation(text);
      logical.append(text, 0, continues ? text.length() - 1 : text.length());
      charset = line.isAscii() ? charset : line.charset();
      if (logical.length() == 0) {
        // A lone backslash: what follows is a line of its own, perhaps a comment.
        return index;
      }
    }
    addSetting(logical.toString(), new Place(file, first + 1), charset);
    return index;
  }

  private void addSetting(String logical, Place place, Charset charset) {
    int keyEnd = keyEnd(logical);
    Escapes key = Escapes.undo(logical.substring(0, keyEnd));
    Escapes value = Escapes.undo(logical.substring(valueStart(logical, keyEnd)));
    Setting setting = Setting.of(key.text().trim(), value.text().trim(), place);
    settings.add(setting);
    describeEncoding(setting, charset);
    describeEscapes(setting, key);
    describeEscapes(setting, value);
  }

  private void describeEncoding(Setting setting, Charset charset) {
    if (charset.equals(StandardCharsets.UTF_8)) {
      problems.add(
          setting.warning(
              "has characters beyond ASCII, read as UTF-8 (Apache Flume reads ISO-8859-1)",
              "Write them as \\uXXXX to have them read alike everywhere."));
    } else if (charset.equals(StandardCharsets.ISO_8859_1)) {
      problems.add(
          setting.warning(
              "has bytes that are not UTF-8, read as ISO-8859-1",
              "Save the file as UTF-8, or write them as \\uXXXX."));
    }
  }

  private void describeEscapes(Setting setting, Escapes escapes) {
    for (String malformed : escapes.malformed()) {
      String shown = setting.isSecret() ? "an escape" : "'" + malformed + "'";
      problems.add(
          setting.error(
              shown + " is malformed (expected: \\u and four hexadecimal digits)",
              "Double the backslash if one is meant."));
    }
    if (!escapes.dropped().isEmpty()) {
      String shown =
          setting.isSecret()
              ? "a backslash"
              : "the backslash of '" + escapes.dropped().get(0) + "'";
      problems.add(
          setting.warning(
              shown + " is dropped, as in every properties file",
              "Double the backslash to keep it."));
    }
  }

  private static String withoutLeadingBlanks(String text) {
    int offset = 0;
    while (offset < text.length() && isBlank(text.charAt(offset))) {
      offset++;
    }
    return text.substring(offset);
  }

  private static boolean endsInContinuation(String text) {
    int backslashes = 0;
    while (backslashes < text.length() && text.charAt(text.length() - 1 - backslashes) == '\\') {
      backslashes++;
    }
    return backslashes % 2 == 1;
  }

  private static int keyEnd(String logical) {
    int offset = 0;
    while (offset < logical.length()) {
      char c = logical.charAt(offset);
      if (c == '=' || c == ':' || isBlank(c)) {
        return offset;
      }
      offset += c == '\\' ? 2 : 1;
    }
    return logical.length();
  }

  private static int valueStart(String logical, int keyEnd) {
    int offset = keyEnd;
    boolean hasSeparator = false;
    while (offset < logical.length()) {
      char c = logical.charAt(offset);
      boolean isSeparator = !hasSeparator && (c == '=' || c == ':');
      if (!isSeparator && !isBlank(c)) {
        break;
      }
      hasSeparator |= isSeparator;
      offset++;
    }
    return offset;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\f';
  }
}
