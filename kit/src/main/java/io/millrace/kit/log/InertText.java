/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.log;

/**
 * Foreign text made safe for whoever looks at it, on a terminal or in a log, with nothing of it
 * lost: what {@link LogText} replaces is escaped here by its number. Letters of every script stay
 * as they are. Stateless.
 */
public final class InertText {
  private InertText() {}

  /**
   * The text with everything escaped that moves the cursor, ends the line, hides or turns around
   * other text: control, format, separator, private and unassigned characters, and halves of pairs.
   *
   * @param maxChars that are shown; the rest is counted, as {@code ... 7 more}
   */
  public static String of(String foreign, int maxChars) {
    StringBuilder text = new StringBuilder(Math.min(foreign.length(), maxChars) + 16);
    int end = Math.min(foreign.length(), maxChars);
    for (int i = 0; i < end; ) {
      int character = foreign.codePointAt(i);
      i += Character.charCount(character);
      if (isInert(character)) {
        text.appendCodePoint(character);
      } else {
        text.append("\\u{").append(Integer.toHexString(character)).append('}');
      }
    }
    if (end < foreign.length()) {
      text.append("... ").append(foreign.length() - end).append(" more");
    }
    return text.toString();
  }

  private static boolean isInert(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.PRIVATE_USE,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
