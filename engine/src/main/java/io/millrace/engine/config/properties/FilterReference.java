/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A reference to a config filter, {@code ${filter['key']}}, {@code ${filter["key"]}} or {@code
 * ${filter[key]}}. Immutable.
 */
public record FilterReference(String text, String filter, String key) {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{([\\w-]+)\\[(['\"]?)([^'\"\\[\\]{}]+)\\2\\]\\}");

  static boolean isOne(String text) {
    return REFERENCE.matcher(text).matches();
  }

  /** Puts in the place of every reference what the function gives. */
  public static String replaceAll(String value, Function<FilterReference, String> replacement) {
    Matcher matcher = REFERENCE.matcher(value);
    StringBuilder replaced = new StringBuilder();
    while (matcher.find()) {
      FilterReference reference =
          new FilterReference(matcher.group(), matcher.group(1), matcher.group(3));
      matcher.appendReplacement(replaced, Matcher.quoteReplacement(replacement.apply(reference)));
    }
    return matcher.appendTail(replaced).toString();
  }
}
