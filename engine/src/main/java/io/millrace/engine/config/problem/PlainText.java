/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

/** Makes text of a file safe to print on one line of a terminal or a log. */
final class PlainText {
  private PlainText() {}

  static String of(String text) {
    StringBuilder plain = null;
    for (int index = 0; index < text.length(); index++) {
      char c = text.charAt(index);
      boolean isUnsafe =
          Character.isISOControl(c)
              || Character.getType(c) == Character.FORMAT
              || Character.getType(c) == Character.LINE_SEPARATOR
              || Character.getType(c) == Character.PARAGRAPH_SEPARATOR;
      if (isUnsafe) {
        if (plain == null) {
          plain = new StringBuilder(text.length() + 8).append(text, 0, index);
        }
        plain.append(String.format("\\u%04x", (int) c));
      } else if (plain != null) {
        plain.append(c);
      }
    }
    return plain == null ? text : plain.toString();
  }
}
