/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.util.ArrayList;
import java.util.List;

/**
 * Text with its escapes undone, and what stood out: an escape that {@code java.util.Properties}
 * would refuse (kept as written), and backslashes that it drops without a word, which breaks
 * regular expressions.
 */
record Escapes(String text, List<String> malformed, List<String> dropped) {
  /** Escapes that people write on purpose, besides those of control characters. */
  private static final String MEANINGFUL = "\\:=#! \"'";

  static Escapes undo(String raw) {
    if (raw.indexOf('\\') < 0) {
      return new Escapes(raw, List.of(), List.of());
    }
    StringBuilder text = new StringBuilder(raw.length());
    List<String> malformed = new ArrayList<>();
    List<String> dropped = new ArrayList<>();
    int offset = 0;
    while (offset < raw.length()) {
      char c = raw.charAt(offset++);
      if (c != '\\' || offset == raw.length()) {
        text.append(c);
        continue;
      }
      char escaped = raw.charAt(offset++);
      switch (escaped) {
        case 't' -> text.append('\t');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 'f' -> text.append('\f');
        case 'u' -> {
          int codeUnit = codeUnit(raw, offset);
          if (codeUnit < 0) {
            malformed.add(raw.substring(offset - 2, Math.min(raw.length(), offset + 4)));
            text.append("\\u");
          } else {
            text.append((char) codeUnit);
            offset += 4;
          }
        }
        default -> {
          if (MEANINGFUL.indexOf(escaped) < 0) {
            dropped.add("\\" + escaped);
          }
          text.append(escaped);
        }
      }
    }
    return new Escapes(text.toString(), malformed, dropped);
  }

  /** The four hexadecimal digits from {@code offset}, or -1. */
  private static int codeUnit(String raw, int offset) {
    if (offset + 4 > raw.length()) {
      return -1;
    }
    int codeUnit = 0;
    for (int index = offset; index < offset + 4; index++) {
      char c = raw.charAt(index);
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return -1;
      }
      codeUnit = codeUnit << 4 | digit;
    }
    return codeUnit;
  }
}
