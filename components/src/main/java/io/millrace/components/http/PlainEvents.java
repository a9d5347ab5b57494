/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.EventBatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads what nearly all clients send in one pass over the bytes: UTF-8, objects of the fields
 * headers and body, every value a string. Of anything else, malformed or only unusual, it says
 * nothing, and {@link JsonEvents} reads it from the start; what both can read they read alike.
 *
 * <p>This is the hot path of the source: a parser that makes text of every string, and bytes of
 * that, takes several times as long. Confined to one thread; single use.
 */
final class PlainEvents {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long BLANKS = 0x20 * ONES;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;

  private static final byte[] HEADERS = {'h', 'e', 'a', 'd', 'e', 'r', 's', '"'};
  private static final byte[] BODY = {'b', 'o', 'd', 'y', '"'};

  private final byte[] in;
  private final int end;
  private final EventWriter out;
  private int at;

  /** What strings with escapes mean, as far as the event needs it. */
  private byte[] unescaped = new byte[0];

  private int unescapedBytes;

  /** The string read last: its array, from where, and how long. */
  private byte[] textArray;

  private int textOffset;
  private int textBytes;
  private boolean isTextUnescaped;

  private PlainEvents(byte[] in, int from, int end) {
    this.in = in;
    this.at = from;
    this.end = end;
    this.out = new EventWriter(end - from);
    this.textArray = in;
  }

  /**
   * The events of an array, or of objects one after another; empty when they are not plain.
   *
   * @param isLines whether objects follow each other without an array around them
   */
  static Optional<EventBatch> read(byte[] array, int from, int end, boolean isLines) {
    PlainEvents events = new PlainEvents(array, from, end);
    boolean isPlain = isLines ? events.objects() : events.array();
    return isPlain ? Optional.of(events.out.build()) : Optional.empty();
  }

  private boolean objects() {
    while (next() != -1) {
      if (!object()) {
        return false;
      }
    }
    return true;
  }

  private boolean array() {
    if (!take('[')) {
      return false;
    }
    if (!take(']')) {
      do {
        if (!object()) {
          return false;
        }
      } while (take(','));
      if (!take(']')) {
        return false;
      }
    }
    return next() == -1;
  }

  private boolean object() {
    if (!take('{')) {
      return false;
    }
    out.beginEvent();
    unescapedBytes = 0;
    if (!take('}')) {
      boolean hasBody = false;
      do {
        if (!take('"')) {
          return false;
        }
        if (isNext(BODY) && !hasBody) {
          at += BODY.length;
          hasBody = true;
          if (!take(':') || !string()) {
            return false;
          }
          if (isTextUnescaped) {
            // The array may grow under the headers that follow.
            out.body(
                Arrays.copyOfRange(unescaped, textOffset, textOffset + textBytes), 0, textBytes);
          } else {
            out.body(in, textOffset, textBytes);
          }
        } else if (isNext(HEADERS)) {
          at += HEADERS.length;
          if (!take(':') || !headers()) {
            return false;
          }
        } else {
          return false;
        }
      } while (take(','));
      if (!take('}')) {
        return false;
      }
    }
    out.endEvent();
    return true;
  }

  private boolean headers() {
    if (!take('{')) {
      return false;
    }
    out.beginHeaders();
    if (take('}')) {
      return true;
    }
    do {
      unescapedBytes = 0;
      if (!string()) {
        return false;
      }
      boolean isNameUnescaped = isTextUnescaped;
      int nameOffset = textOffset;
      int nameBytes = textBytes;
      if (!take(':') || !string()) {
        return false;
      }
      out.header(
          isNameUnescaped ? unescaped : in,
          nameOffset,
          nameBytes,
          textArray,
          textOffset,
          textBytes);
    } while (take(','));
    return take('}');
  }

  /** Reads a string into the fields for it; valid until the next is read. */
  private boolean string() {
    if (!take('"')) {
      return false;
    }
    int start = at;
    while (at < end) {
      skipPlain();
      if (at >= end) {
        return false;
      }
      byte b = in[at];
      if (b == '"') {
        textArray = in;
        textOffset = start;
        textBytes = at - start;
        isTextUnescaped = false;
        at++;
        return true;
      }
      if (b == '\\') {
        return escapedString(start);
      }
      if (b >= 0 || !skipCharacter()) {
        return false;
      }
    }
    return false;
  }

  /** Moves on to the next byte that is a quote, a backslash, a control or not ASCII. */
  private void skipPlain() {
    int i = at;
    int lastLong = end - Long.BYTES;
    while (i <= lastLong) {
      long bytes = (long) LONGS.get(in, i);
      // In each byte the high bit says "special"; borrows reach only bytes behind a special one.
      long special =
          (bytes | (bytes - BLANKS) | ((bytes ^ QUOTES) - ONES) | ((bytes ^ BACKSLASHES) - ONES))
              & HIGH_BITS;
      if (special != 0) {
        at = i + (Long.numberOfTrailingZeros(special) >>> 3);
        return;
      }
      i += Long.BYTES;
    }
    while (i < end && in[i] >= ' ' && in[i] != '"' && in[i] != '\\') {
      i++;
    }
    at = i;
  }

  /** Skips a character of two to four bytes; false when it is not valid UTF-8. */
  private boolean skipCharacter() {
    int first = in[at] & 0xFF;
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || end - at <= more) {
      return false;
    }
    int second = in[at + 1] & 0xFF;
    boolean isValid =
        switch (first) {
          case 0xE0 -> second >= 0xA0 && second <= 0xBF;
          case 0xED -> second >= 0x80 && second <= 0x9F;
          case 0xF0 -> second >= 0x90 && second <= 0xBF;
          case 0xF4 -> second >= 0x80 && second <= 0x8F;
          default -> second >= 0x80 && second <= 0xBF;
        };
    for (int i = 2; i <= more; i++) {
      isValid &= (in[at + i] & 0xC0) == 0x80;
    }
    at += more + 1;
    return isValid;
  }

  /** As {@link #string}, from the first backslash on. */
  private boolean escapedString(int start) {
    int textStart = unescapedBytes;
    int from = start;
    while (true) {
      copy(from, at);
      // Here is a backslash.
      if (end - at < 2 || !unescape(in[at + 1])) {
        return false;
      }
      from = at;
      while (at < end && in[at] != '"' && in[at] != '\\') {
        skipPlain();
        if (at < end && in[at] != '"' && in[at] != '\\' && (in[at] >= 0 || !skipCharacter())) {
          return false;
        }
      }
      if (at >= end) {
        return false;
      }
      if (in[at] == '"') {
        copy(from, at);
        at++;
        textArray = unescaped;
        textOffset = textStart;
        textBytes = unescapedBytes - textStart;
        isTextUnescaped = true;
        return true;
      }
    }
  }

  /** Writes what the escape means, and moves behind it. */
  private boolean unescape(byte kind) {
    switch (kind) {
      case '"', '\\', '/' -> put(kind);
      case 'n' -> put((byte) '\n');
      case 't' -> put((byte) '\t');
      case 'r' -> put((byte) '\r');
      case 'b' -> put((byte) '\b');
      case 'f' -> put((byte) '\f');
      case 'u' -> {
        return unescapeUnit();
      }
      default -> {
        return false;
      }
    }
    at += 2;
    return true;
  }

  private boolean unescapeUnit() {
    if (end - at < 6) {
      return false;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      // Beyond Latin-1 nothing is a digit to this call, nor is there such a byte in plain text.
      int digit = in[i] < 0 ? -1 : Character.digit(in[i], 16);
      if (digit < 0) {
        return false;
      }
      unit = unit << 4 | digit;
    }
    if (Character.isSurrogate((char) unit)) {
      // Pairs are rare, halves of them rarer: that is for the other reader.
      return false;
    }
    if (unit < 0x80) {
      put((byte) unit);
    } else if (unit < 0x800) {
      put((byte) (0xC0 | unit >> 6));
      put((byte) (0x80 | unit & 0x3F));
    } else {
      put((byte) (0xE0 | unit >> 12));
      put((byte) (0x80 | unit >> 6 & 0x3F));
      put((byte) (0x80 | unit & 0x3F));
    }
    at += 6;
    return true;
  }

  private void put(byte b) {
    ensure(1);
    unescaped[unescapedBytes++] = b;
  }

  private void copy(int from, int to) {
    ensure(to - from);
    System.arraycopy(in, from, unescaped, unescapedBytes, to - from);
    unescapedBytes += to - from;
  }

  private void ensure(int more) {
    if (more > unescaped.length - unescapedBytes) {
      long doubled = Math.max(256, 2L * unescaped.length);
      unescaped =
          Arrays.copyOf(
              unescaped,
              (int)
                  Math.min(
                      Integer.MAX_VALUE - 16, Math.max(doubled, (long) unescapedBytes + more)));
    }
  }

  private boolean isNext(byte[] word) {
    return end - at >= word.length && Arrays.equals(in, at, at + word.length, word, 0, word.length);
  }

  private boolean take(char wanted) {
    if (next() != wanted) {
      return false;
    }
    at++;
    return true;
  }

  /** The next byte that is no white space, -1 at the end; moves to it. */
  private int next() {
    while (at < end) {
      byte b = in[at];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b & 0xFF;
      }
      at++;
    }
    return -1;
  }
}
