/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.declaration.ListText;
import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A list of names as people write them. Names stand between blanks; commas, which many take for the
 * separator, and a comment after the names, are understood and remarked on, for no name can contain
 * them. Stateless.
 */
final class NameList {
  private NameList() {}

  /** The names, each once, in their order. */
  static List<String> read(Setting setting, List<Problem> problems) {
    Set<String> names = new LinkedHashSet<>();
    for (String word : words(setting, problems)) {
      if (!names.add(word)) {
        problems.add(setting.warning("'" + word + "' is listed twice", ""));
      }
    }
    return List.copyOf(names);
  }

  private static List<String> words(Setting setting, List<Problem> problems) {
    List<String> words = new ArrayList<>();
    boolean hasComma = false;
    for (String word : ListText.split(setting.value(), "")) {
      if (word.startsWith("#")) {
        problems.add(
            setting.hint(
                "a # after a value does not begin a comment; '"
                    + setting.value().substring(setting.value().indexOf('#'))
                    + "' was left out all the same",
                "Put it on a line of its own."));
        break;
      }
      hasComma |= word.indexOf(',') >= 0;
      words.addAll(ListText.split(word, ","));
    }
    if (hasComma) {
      problems.add(
          setting.hint(
              "the names are separated by commas; they were read as if by blanks",
              "Separate them by blanks: Apache Flume takes the comma for a part of the name."));
    }
    return words;
  }
}
