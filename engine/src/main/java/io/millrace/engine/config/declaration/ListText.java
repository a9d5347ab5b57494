/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.declaration;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Splits the text of a list. Stateless. */
public final class ListText {
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private ListText() {}

  /** At white space when {@code separator} is empty; empty items are left out. */
  public static List<String> split(String text, String separator) {
    String[] items =
        separator.isEmpty() ? BLANKS.split(text) : text.split(Pattern.quote(separator), -1);
    return Arrays.stream(items).map(String::trim).filter(item -> !item.isEmpty()).toList();
  }
}
