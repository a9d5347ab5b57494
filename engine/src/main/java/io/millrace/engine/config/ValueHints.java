/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Setting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Values that work and look as if they were not meant so. Stateless. */
final class ValueHints {
  private static final Pattern INLINE_COMMENT = Pattern.compile("\\s#");
  private static final Pattern PLACEHOLDER =
      Pattern.compile("<[^<>=]+>|\\{your[^{}]*\\}|\\[(required|optional)\\]|X{4,}");
  private static final Pattern QUOTED = Pattern.compile("\"[^\"]*\"");

  private ValueHints() {}

  /** Adds hints for settings about which nothing else is said. */
  static void addTo(List<Problem> problems, AgentText text) {
    Set<String> spokenOf = new HashSet<>();
    problems.forEach(problem -> spokenOf.add(problem.key()));
    List<Problem> hints = new ArrayList<>();
    for (Setting setting : text.settings()) {
      if (!spokenOf.contains(setting.key())) {
        addTo(hints, setting);
      }
    }
    problems.addAll(hints);
  }

  private static void addTo(List<Problem> hints, Setting setting) {
    String value = setting.value();
    if (INLINE_COMMENT.matcher(value).find()) {
      hints.add(
          setting.hint(
              "a # after a value does not begin a comment; it is a part of the value",
              "Put the comment on a line of its own."));
    } else if (PLACEHOLDER.matcher(value).matches()) {
      hints.add(setting.hint(setting.shown() + " looks like a placeholder that was left in", ""));
    } else if (QUOTED.matcher(value).matches()) {
      hints.add(setting.hint("the quotation marks are a part of the value", ""));
    }
  }
}
