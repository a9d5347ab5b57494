/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What becomes of characters in header values that a name must not have. They are written as {@code
 * %XX}, so that two values stay two names; nothing is refused, for an event would wait for ever.
 *
 * <p>Always: control characters, line ends, what turns text around, halves of pairs, {@code :}
 * (HDFS has no such names), a dot with which a name would begin, {@code .} and {@code ..} as a
 * whole name, also when template and value make it together. A name longer than {@link
 * #MAX_NAME_BYTES} is cut and ends in {@code ~} and a checksum of the whole.
 */
public enum NameHygiene {
  /** A slash in a value makes a directory, as with Flume; never one above. */
  PATH,
  /** A slash in a value is written as {@code %2F}. */
  FILE_NAME,
  /** Values are taken as they are: for names with rules of their own, which the caller checks. */
  NONE;

  /** HDFS allows 255; in-use names need some for themselves. */
  public static final int MAX_NAME_BYTES = 180;

  /** A tilde and eight digits. */
  private static final int CHECKSUM_CHARS = 9;

  /** The value, to be put behind {@code before}, which may be in the middle of a name. */
  void append(String value, StringBuilder before) {
    if (this == NONE) {
      before.append(value);
      return;
    }
    for (int i = 0; i < value.length(); ) {
      int character = value.codePointAt(i);
      i += Character.charCount(character);
      if (character == '/' && this == PATH) {
        before.append('/');
      } else if (mustEscape(character, before)) {
        escape(character, before);
      } else {
        before.appendCodePoint(character);
      }
    }
  }

  private static boolean mustEscape(int character, StringBuilder before) {
    if (character == '.') {
      return before.length() == 0 || before.charAt(before.length() - 1) == '/';
    }
    if (character == '/' || character == ':') {
      return true;
    }
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  private static void escape(int character, StringBuilder target) {
    byte[] bytes =
        Character.getType(character) == Character.SURROGATE
            ? new byte[] {(byte) (character >> 8), (byte) character}
            : Character.toString(character).getBytes(StandardCharsets.UTF_8);
    for (byte each : bytes) {
      target.append(String.format(Locale.ROOT, "%%%02X", each));
    }
  }

  /** The names of an expanded path made harmless that are not so yet. */
  String whole(String expanded) {
    if (this == NONE || isHarmless(expanded)) {
      return expanded;
    }
    StringBuilder path = new StringBuilder(expanded.length() + 16);
    int from = 0;
    while (from <= expanded.length()) {
      int slash = expanded.indexOf('/', from);
      int to = slash < 0 ? expanded.length() : slash;
      path.append(name(expanded.substring(from, to)));
      if (slash >= 0) {
        path.append('/');
      }
      from = to + 1;
    }
    return path.toString();
  }

  /** Quick and careful: false may still be harmless. */
  private static boolean isHarmless(String path) {
    return path.length() <= MAX_NAME_BYTES / 3 && !path.contains("/.") && !path.startsWith(".");
  }

  private static String name(String name) {
    if (name.equals(".")) {
      return "%2E";
    }
    if (name.equals("..")) {
      return "%2E%2E";
    }
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MAX_NAME_BYTES) {
      return name;
    }
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    int end = MAX_NAME_BYTES - CHECKSUM_CHARS;
    // Not in the middle of a character.
    while ((bytes[end] & 0xC0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8)
        + String.format(Locale.ROOT, "~%08x", checksum.getValue());
  }
}
