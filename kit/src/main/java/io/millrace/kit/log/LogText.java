/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.log;

/**
 * Foreign text made safe for a log line or a one-line answer: control characters (line ends, ANSI
 * escapes) become {@code ?}, and it is cut after {@link #MAX_CHARS}. Stateless.
 */
public final class LogText {
  public static final int MAX_CHARS = 400;

  private LogText() {}

  public static String of(Object foreign) {
    String text = String.valueOf(foreign);
    int length = Math.min(text.length(), MAX_CHARS);
    StringBuilder safe = new StringBuilder(length + 3);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      int type = Character.getType(c);
      boolean isControl =
          Character.isISOControl(c)
              || type == Character.LINE_SEPARATOR
              || type == Character.PARAGRAPH_SEPARATOR
              || type == Character.FORMAT;
      safe.append(isControl ? '?' : c);
    }
    return length < text.length() ? safe.append("...").toString() : safe.toString();
  }
}
